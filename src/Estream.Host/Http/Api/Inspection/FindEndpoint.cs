using Estream.Crypto;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary><c>GET /api/find?text=&amp;limit=20</c> finds queues, maps, adapters, schemas, pipelines and circuits by name. Names that begin
/// with the text come first, then those that contain it, then those that contain its letters in order.</summary>
internal static class FindEndpoint
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 200;
    private const int MaxTextLength = 128;

    public static void MapFind(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/find", FindAsync).For(AccessRole.Viewer, checksScopes: true);

    /// <summary>Returns how well a name matches: 0 for its start, 1 for a part, 2 for its letters in order; null for no match.</summary>
    public static int? RankOf(string name, string text)
    {
        int at = name.IndexOf(text, StringComparison.OrdinalIgnoreCase);
        if (at >= 0)
        {
            return at == 0 ? 0 : 1;
        }

        int found = 0;
        foreach (char letter in name)
        {
            found += found < text.Length && char.ToUpperInvariant(letter) == char.ToUpperInvariant(text[found]) ? 1 : 0;
        }

        return found == text.Length ? 2 : null;
    }

    private static Task FindAsync(HttpContext context, IHostView view)
    {
        if (!QueryNumber.TryRead(context, "limit", DefaultLimit, MaxLimit, out int limit))
        {
            return QueryNumber.RefuseAsync(context, "limit", MaxLimit);
        }

        string text = context.Request.Query["text"].ToString().Trim();
        if (text.Length > MaxTextLength)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, $"text may have {MaxTextLength} characters.");
        }

        FoundPart[] found =
        [
            .. PartsOf(context, view, RoleMiddleware.IdentityOf(context)!)
                .Select(part => (Part: part, Rank: RankOf(part.Name, text))).Where(one => one.Rank is not null)
                .OrderBy(one => one.Rank).ThenBy(one => one.Part.Name.Length).ThenBy(one => one.Part.Name, StringComparer.Ordinal)
                .Select(one => one.Part).Take(limit),
        ];
        return JsonBody.SendAsync(context, new FoundParts(found), ApiJson.Default.FoundParts);
    }

    private static IEnumerable<FoundPart> PartsOf(HttpContext context, IHostView view, Identity identity)
    {
        Overview overview = ScopedAnswers.Limit(view.Overview, view.Access, identity);
        IEnumerable<FoundPart> parts =
        [
            .. QueueList.Fold(overview.Queues).Select(queue => new FoundPart("queue", queue.Name,
                queue.Partitions is { } count ? $"{count} partitions" : $"{queue.Messages} messages")),
            .. view.MapNames.Where(name => view.Access.MayReadMap(identity, name)).Select(name => new FoundPart("map", name,
                overview.Maps.FirstOrDefault(map => map.Name == name) is { } map ? $"of {map.Queue}" : "")),
            .. overview.Adapters.Select(adapter => new FoundPart("adapter", adapter.Name, $"{adapter.Type}, {adapter.State}")),
            .. overview.Pipelines.Where(pipeline => overview.Circuits.All(circuit => !IsOf(pipeline, circuit)))
                .Select(pipeline => new FoundPart("pipeline", pipeline.Name, $"{pipeline.Queue} to {pipeline.Output}")),
            .. overview.Circuits.Select(circuit => new FoundPart("circuit", circuit.Name, $"version {circuit.Version}")),
        ];
        return identity.Scopes.IsLimited || context.RequestServices.GetService<HostConfiguration>() is not { } plan
            ? parts
            : parts.Concat(plan.Schemas.Schemas.Select(schema => new FoundPart("schema", schema.Name, schema.QualifiedName)));
    }

    private static bool IsOf(PipelineOverview pipeline, CircuitOverview circuit) =>
        pipeline.Name.StartsWith(circuit.Name + ".", StringComparison.Ordinal);
}

/// <summary>The parts of a host that match a text.</summary>
internal sealed record FoundParts(IReadOnlyList<FoundPart> Results);

/// <summary>A part of the host. <paramref name="Kind"/> is <c>queue</c>, <c>map</c>, <c>adapter</c>, <c>schema</c>, <c>pipeline</c> or
/// <c>circuit</c>.</summary>
internal sealed record FoundPart(string Kind, string Name, string Detail);
