using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Estream.Core;
using Estream.Crypto;
using Estream.Host.Remote;
using Estream.Host.Widgets;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/dashboards</c> lists the dashboards that the consoles share, <c>GET /api/dashboards/{name}</c> returns one. <c>PUT</c> with
/// <c>If-None-Match: *</c> creates a dashboard, <c>PUT</c> and <c>DELETE</c> with <c>If-Match</c> change the version that was read, and
/// return 409 for another version. A token with scopes reads no dashboards, because they name queues that its scopes may not include.
/// </summary>
internal static class DashboardEndpoint
{
    private const string Route = "/api/dashboards/{name}";

    public static void MapDashboards(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/dashboards", ListAsync).For(AccessRole.Viewer);
        app.MapGet(Route, GetAsync).For(AccessRole.Viewer);
        app.MapPut(Route, PutAsync).For(AccessRole.Operator).TakesBody(DashboardFolder.MaxBytes);
        app.MapDelete(Route, DeleteAsync).For(AccessRole.Operator);
    }

    private static Task ListAsync(HttpContext context, DashboardFolder folder)
    {
        try
        {
            return JsonBody.SendAsync(context, new DashboardList([.. folder.List().Select(DashboardOverview.Of)]),
                ApiJson.Default.DashboardList);
        }
        catch (EstreamStorageException failure)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, failure.Message);
        }
    }

    private static async Task GetAsync(HttpContext context, DashboardFolder folder, string name)
    {
        if (!await CheckNameAsync(context, name).ConfigureAwait(false))
        {
            return;
        }

        switch (folder.Read(name))
        {
            case null:
                await Answer.ErrorAsync(context, StatusCodes.Status404NotFound, $"There is no dashboard '{name}'.").ConfigureAwait(false);
                return;
            case { Error: { } error } damaged:
                context.Response.Headers.ETag = damaged.Tag;
                await Answer.ErrorAsync(context, StatusCodes.Status500InternalServerError, error).ConfigureAwait(false);
                return;
            case { } found when !EntityTags.IsUnchanged(context, found.Tag):
                await JsonBody.SendAsync(context, found.Json).ConfigureAwait(false);
                return;
        }
    }

    private static async Task PutAsync(HttpContext context, DashboardFolder folder, IHostView view, string name)
    {
        if (!await CheckNameAsync(context, name).ConfigureAwait(false))
        {
            return;
        }

        string? expected = EntityTags.Expected(context.Request);
        if (expected is not null == EntityTags.MustCreate(context.Request))
        {
            await Answer.ErrorAsync(context, StatusCodes.Status428PreconditionRequired,
                "Send If-None-Match: * to create the dashboard, or If-Match with the ETag of the version to replace.")
                .ConfigureAwait(false);
            return;
        }

        using JsonDocument? body = await JsonRequest.ReadAsync(context).ConfigureAwait(false);
        if (body is null)
        {
            return;
        }

        if (DashboardSchema.ErrorIn(body.RootElement) is { } error)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest, error).ConfigureAwait(false);
            return;
        }

        byte[] json = JsonMarshal.GetRawUtf8Value(body.RootElement).ToArray();
        await ChangeAsync(context, view, () => folder.Write(name, json, expected)).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(HttpContext context, DashboardFolder folder, IHostView view, string name)
    {
        if (!await CheckNameAsync(context, name).ConfigureAwait(false))
        {
            return;
        }

        if (EntityTags.Expected(context.Request) is not { } expected)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status428PreconditionRequired,
                "Send If-Match with the ETag of the version to delete.").ConfigureAwait(false);
            return;
        }

        await ChangeAsync(context, view, () => folder.Delete(name, expected)).ConfigureAwait(false);
    }

    private static async Task ChangeAsync(HttpContext context, IHostView view, Func<DashboardChange> change)
    {
        try
        {
            DashboardChange made = view.Change(change);
            switch (made.Outcome)
            {
                case DashboardOutcome.Done:
                    context.Response.Headers.ETag = made.Tag;
                    context.Response.StatusCode = StatusCodes.Status204NoContent;
                    return;
                case DashboardOutcome.TooMany:
                    await Answer.ErrorAsync(context, StatusCodes.Status409Conflict,
                        $"The host has {DashboardFolder.MaxDashboards} dashboards, the maximum. Delete one.").ConfigureAwait(false);
                    return;
                case DashboardOutcome.OtherVersion:
                    context.Response.StatusCode = StatusCodes.Status409Conflict;
                    await JsonBody.SendAsync(context, new DashboardConflict(made.Tag is null
                        ? "The dashboard does not exist."
                        : "The dashboard has another version. Read it, and send the change with its ETag.", made.Tag),
                        ApiJson.Default.DashboardConflict).ConfigureAwait(false);
                    return;
            }
        }
        catch (RemoteRefusalException refusal)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status409Conflict, refusal.Message).ConfigureAwait(false);
        }
        catch (EstreamException failure)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, failure.Message).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, "The host is stopping.").ConfigureAwait(false);
        }
    }

    private static async Task<bool> CheckNameAsync(HttpContext context, string name)
    {
        if (DashboardFolder.IsName(name))
        {
            return true;
        }

        await Answer.ErrorAsync(context, StatusCodes.Status400BadRequest,
            "The name of a dashboard has 1 to 64 lower-case letters, digits and hyphens, and does not begin with a hyphen.")
            .ConfigureAwait(false);
        return false;
    }
}

/// <summary>The response of <c>GET /api/dashboards</c>.</summary>
internal sealed record DashboardList(IReadOnlyList<DashboardOverview> Dashboards);

/// <summary>A shared dashboard. <paramref name="Etag"/> is the value of the header <c>ETag</c>. <paramref name="Error"/> is why the file
/// cannot be used; omitted for a valid file.</summary>
internal sealed record DashboardOverview(string Name, string Title, string Etag,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error)
{
    public static DashboardOverview Of(StoredDashboard stored) => new(stored.Name, stored.Title, stored.Tag, stored.Error);
}

/// <summary>A change was refused, because the dashboard has the version <paramref name="Etag"/>; null if the dashboard does not
/// exist.</summary>
internal sealed record DashboardConflict(string Error, string? Etag);
