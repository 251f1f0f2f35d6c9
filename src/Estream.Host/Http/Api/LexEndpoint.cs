using Estream.Circuits;
using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary><c>GET /api/lex?address=lex://acme/boilers/hot</c> returns the target of an address; without an address, all
/// addresses.</summary>
internal static class LexEndpoint
{
    public static void MapLex(this IEndpointRouteBuilder app) => app.MapGet("/api/lex", HandleAsync).For(AccessRole.Viewer);

    private static Task HandleAsync(HttpContext context, IHostView view)
    {
        if (context.Request.Query["address"] is not [{ } text, ..])
        {
            LexAnswer[] all = [.. view.Streams.All.Select(entry => LexAnswer.Of(entry.Key, entry.Value, "", view))];
            return JsonBody.SendAsync(context, all, ApiJson.Default.LexAnswerArray);
        }

        if (!LexAddress.TryParse(text, out LexAddress? address, out string? reason))
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, $"The address is not valid: {reason}.");
        }

        return view.Streams.TryResolve(address, out LexTarget? target, out string rest)
            ? JsonBody.SendAsync(context, LexAnswer.Of(address, target, rest, view), ApiJson.Default.LexAnswer)
            : Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
                "This host has nothing at this address. /api/lex lists all addresses.");
    }
}

/// <summary>The target of an address. <paramref name="Messages"/> is the remaining path, which selects messages by the paths of their
/// schemas; null if the address is the target itself. <paramref name="Href"/> is the URL of the target; null for a map that
/// is not open.</summary>
internal sealed record LexAnswer(string Address, string Kind, string Name, string? Schema, string? Messages, string? Href)
{
    public static LexAnswer Of(LexAddress address, LexTarget target, string rest, IHostView view)
    {
        string name = Uri.EscapeDataString(target.Name);
        (string kind, string? href) = target.Kind switch
        {
            LexTargetKind.Circuit => ("circuit", $"/api/circuits/{name}"),
            LexTargetKind.Queue => ("queue", $"/api/queues/{name}/messages"),
            _ => ("map", view.Map(target.Name) is null ? null : $"/api/maps/{name}"),
        };
        return new LexAnswer(address.ToString(), kind, target.Name, target.Schema?.QualifiedName, rest.Length == 0 ? null : rest, href);
    }
}
