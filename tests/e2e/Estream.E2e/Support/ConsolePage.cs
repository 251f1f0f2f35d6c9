using System.Collections.Concurrent;
using System.Globalization;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Estream.E2e;

/// <summary>The console in a separate browser context, with named access to what an operator sees.</summary>
internal sealed class ConsolePage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly Uri _address;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _foreign = new();

    private ConsolePage(IBrowserContext context, IPage page, Uri address)
    {
        _context = context;
        _address = address;
        Page = page;
        page.Console += (_, message) => Note(message.Type is "error" or "warning", message.Text);
        page.PageError += (_, error) => Note(true, error);
        page.Request += (_, request) => NoteForeign(request.Url);
    }

    public IPage Page { get; }

    public ILocator Connection => Page.Locator(".pill");

    public ILocator Banner => Page.Locator(".banner");

    public ILocator Search => Page.Locator("#state").GetByRole(AriaRole.Searchbox);

    public ILocator QueueChoice => Page.GetByRole(AriaRole.Combobox, new() { Name = "Queue" });

    public ILocator Messages => Page.Locator("#messages .message");

    public ILocator Focused => Page.Locator(":focus");

    public static async Task<ConsolePage> OpenAsync(IBrowserContext context, Uri address)
    {
        ConsolePage console = new(context, await context.NewPageAsync(), address);
        await console.Page.GotoAsync(address.ToString());
        await Assertions.Expect(console.Connection).ToHaveTextAsync("Live");
        return console;
    }

    /// <summary>Returns a cell of the queue table.</summary>
    public ILocator QueueFigure(string queue, string figure) =>
        Page.Locator($"#rates tr[data-queue='{queue}'] [data-figure='{figure}']");

    /// <summary>Returns the row of a key of the state map.</summary>
    public ILocator StateRow(string key) => Page.Locator($"#state tr[data-key='{key}']");

    /// <summary>Reads a number as the page writes it: 1,234.</summary>
    public static async Task<double> NumberAsync(ILocator figure) =>
        double.Parse(await figure.InnerTextAsync(), NumberStyles.Number, CultureInfo.InvariantCulture);

    /// <summary>Returns the violations that axe finds, one per line; empty if there are none.</summary>
    public async Task<string> AxeAsync()
    {
        AxeResult result = await Page.RunAxe();
        Assert.NotEmpty(result.Passes); // axe has run on something
        return string.Join('\n', result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help} ({string.Join(" | ", violation.Nodes.Take(5).Select(node => node.Html))})"));
    }

    /// <summary>Asserts that nothing was logged as an error or a warning, blocked by the content security policy, or requested from another
    /// host.</summary>
    public void AssertQuiet()
    {
        Assert.Empty(_complaints);
        Assert.Empty(_foreign);
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private void Note(bool matters, string text)
    {
        if (matters)
        {
            _complaints.Enqueue(text);
        }
    }

    private void NoteForeign(string url)
    {
        if (new Uri(url).Authority != _address.Authority)
        {
            _foreign.Enqueue(url);
        }
    }
}
