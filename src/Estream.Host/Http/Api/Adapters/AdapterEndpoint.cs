using Estream.Crypto;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/adapters/{name}</c> returns the state, queues, refusals and tables of an adapter;
/// <c>GET /api/adapters/{name}/tables/{table}?search=&amp;limit=200&amp;after=</c> returns a page of a table. <c>PUT …/pause</c> and
/// <c>…/resume</c> stop and continue the ingress of an adapter.
/// </summary>
internal static class AdapterEndpoint
{
    private const int DefaultLimit = 200;
    private const int MaxSearchChars = 200;
    private const int MaxCursorChars = 512;

    public static void MapAdapters(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/adapters/{name}", DescribeAsync).For(AccessRole.Viewer);
        app.MapGet("/api/adapters/{name}/tables/{table}", ReadTableAsync).For(AccessRole.Viewer);
        app.MapPut("/api/adapters/{name}/pause", (HttpContext context, IHostView view, string name) =>
            ChangeAsync(context, view, name, static adapter => adapter.Pause())).For(AccessRole.Operator);
        app.MapPut("/api/adapters/{name}/resume", (HttpContext context, IHostView view, string name) =>
            ChangeAsync(context, view, name, static adapter => adapter.Resume())).For(AccessRole.Operator);
    }

    private static Task DescribeAsync(HttpContext context, IHostView view, string name) => view.Adapter(name) is { } adapter
        ? context.Response.WriteAsJsonAsync(adapter.Detail, ApiJson.Default.AdapterDetail, Answer.JsonType, context.RequestAborted)
        : UnknownAsync(context);

    private static Task ChangeAsync(HttpContext context, IHostView view, string name, Action<IAdapterView> change)
    {
        if (view.Adapter(name) is { } adapter)
        {
            change(adapter);
        }

        return DescribeAsync(context, view, name);
    }

    private static Task ReadTableAsync(HttpContext context, IHostView view, string name, string table)
    {
        if (view.Adapter(name) is not { } adapter)
        {
            return UnknownAsync(context);
        }

        if (adapter.Tables.FirstOrDefault(one => one.Name == table) is not { } found)
        {
            string tables = string.Join(", ", adapter.Tables.Select(one => one.Name).DefaultIfEmpty("none"));
            return Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
                $"The adapter has no table with this name. Its tables: {tables}.");
        }

        if (!QueryNumber.TryRead(context, "limit", DefaultLimit, AdapterTable.MaxRows, out int limit))
        {
            return QueryNumber.RefuseAsync(context, "limit", AdapterTable.MaxRows);
        }

        string search = context.Request.Query["search"].ToString();
        string after = context.Request.Query["after"].ToString();
        if (search.Length > MaxSearchChars || after.Length > MaxCursorChars)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status400BadRequest,
                $"search has at most {MaxSearchChars} characters, and after is the next of an earlier answer.");
        }

        AdapterTablePage page = found.Read(new AdapterTableRequest(search, limit, after.Length == 0 ? null : after));
        return JsonBody.SendAsync(context, writer => TableJson.Write(found, page, writer));
    }

    private static Task UnknownAsync(HttpContext context) =>
        Answer.ErrorAsync(context, StatusCodes.Status404NotFound, "There is no adapter with this name. /api/overview lists all adapters.");
}

/// <summary>An adapter for HTTP endpoints. Thread-safe.</summary>
internal interface IAdapterView
{
    /// <summary>The state, queues, refusals and tables of the adapter.</summary>
    AdapterDetail Detail { get; }

    /// <summary>The tables of the adapter.</summary>
    IReadOnlyList<AdapterTable> Tables { get; }

    /// <summary>Stops the adapter from accepting messages until <see cref="Resume"/>.</summary>
    void Pause();

    /// <summary>Lets the adapter accept messages again.</summary>
    void Resume();
}
