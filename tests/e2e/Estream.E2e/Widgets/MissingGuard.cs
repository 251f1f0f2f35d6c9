using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Estream.E2e.Widgets;

/// <summary>A guard of the frame of a widget that a test takes away, between the host and the browser.</summary>
/// <param name="Name">The guard, as <c>docs/attacks.md</c> names it. Guards that back each other up are taken away together.</param>
/// <param name="Hit">What must happen without the guard: a hit of a listener, or what the widget or the page reports.</param>
/// <param name="Edits">The changes. Each must change something.</param>
internal sealed record MissingGuard(string Name, string Hit, params Edit[] Edits)
{
    /// <summary>Changes the responses of the host to a browser.</summary>
    public async Task PrepareAsync(IBrowserContext context)
    {
        await RouteAsync(context, "**/widgets/frame", Part.FrameHeader, Part.FramePolicy, Part.Frame);
        if (Edits.Any(edit => edit.Part == Part.PagePolicy))
        {
            await RouteAsync(context, new Regex("/(widgets/@[^/]+/[^/]+|dashboards/[^/]+)$"), Part.PagePolicy);
        }

        if (Edits.Any(edit => edit.Part == Part.PageScript))
        {
            await RouteAsync(context, new Regex("/assets/[^/]+[.]js$"), Part.PageScript);
        }
    }

    public override string ToString() => Name;

    private Task RouteAsync(IBrowserContext context, string address, params Part[] parts) =>
        context.RouteAsync(address, route => ChangeAsync(route, parts));

    private Task RouteAsync(IBrowserContext context, Regex address, params Part[] parts) =>
        context.RouteAsync(address, route => ChangeAsync(route, parts));

    private async Task ChangeAsync(IRoute route, Part[] parts)
    {
        IAPIResponse answer = await route.FetchAsync();
        Dictionary<string, string> headers = new(answer.Headers);
        string body = await answer.TextAsync();
        foreach (Edit edit in Edits.Where(edit => parts.Contains(edit.Part)))
        {
            switch (edit.Part)
            {
                case Part.FrameHeader:
                    Assert.True(headers.Remove(edit.Old), $"{Name}: the frame has no header {edit.Old}");
                    break;
                case Part.FramePolicy:
                case Part.PagePolicy:
                    headers[Edit.Policy] = Replace(headers[Edit.Policy], edit);
                    break;
                case Part.Frame:
                    body = Replace(body, edit);
                    break;
                default:
                    // Which file of the page has the text depends on the bundler; without the text, the widget shows no hit.
                    body = Regex.Replace(body, edit.Old, edit.New);
                    break;
            }
        }

        await route.FulfillAsync(new() { Status = answer.Status, Headers = headers, Body = body });
    }

    private string Replace(string text, Edit edit)
    {
        string changed = Regex.Replace(text, edit.Old, edit.New);
        Assert.True(changed != text, $"{Name}: nothing matches {edit.Old}");
        return changed;
    }
}

/// <summary>A part of what the host answers.</summary>
internal enum Part
{
    FrameHeader,
    FramePolicy,
    Frame,
    PagePolicy,
    PageScript,
}

/// <summary>One change of an answer.</summary>
/// <param name="Part">The part.</param>
/// <param name="Old">The name of a header that is removed, or a regular expression.</param>
/// <param name="New">What replaces the matches.</param>
internal sealed record Edit(Part Part, string Old, string New = "")
{
    public const string Policy = "content-security-policy";
}
