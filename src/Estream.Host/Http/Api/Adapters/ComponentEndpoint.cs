using Estream.Crypto;
using Estream.Host.Components;

namespace Estream.Host.Http;

/// <summary>
/// <c>GET /api/adapters/{name}/component</c> returns the component of an adapter; <c>PUT</c> updates it to the version in the workspace
/// while the host runs (<see cref="ComponentUpdates"/>).
/// </summary>
/// <remarks>The request that changes state is a PUT, so a page of another site needs a CORS preflight, which is never granted. It has no
/// body: only the lock determines the version.</remarks>
internal static class ComponentEndpoint
{
    public static void MapComponents(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/adapters/{name}/component", DescribeAsync).For(AccessRole.Viewer);
        app.MapPut("/api/adapters/{name}/component", UpdateAsync).For(AccessRole.Developer);
    }

    private static Task DescribeAsync(HttpContext context, IHostView view, string name) => view.Component(name) is { } component
        ? JsonBody.SendAsync(context, component, ApiJson.Default.ComponentDetail)
        : UnknownAsync(context);

    private static async Task UpdateAsync(HttpContext context, IHostView view, string name)
    {
        if (view.Component(name) is null || context.RequestServices.GetService<ComponentUpdates>() is not { } updates)
        {
            await UnknownAsync(context).ConfigureAwait(false);
            return;
        }

        try
        {
            ComponentUpdate update = await updates.UpdateAsync(name, context.RequestAborted).ConfigureAwait(false);
            context.Response.StatusCode = update.Status is ComponentUpdateStatus.Updated or ComponentUpdateStatus.Unchanged
                ? StatusCodes.Status200OK
                : StatusCodes.Status409Conflict;
            await JsonBody.SendAsync(context, ComponentUpdateAnswer.Of(update), ApiJson.Default.ComponentUpdateAnswer)
                .ConfigureAwait(false);
        }
        catch (InvalidOperationException e)
        {
            await Answer.ErrorAsync(context, StatusCodes.Status503ServiceUnavailable, e.Message).ConfigureAwait(false);
        }
    }

    private static Task UnknownAsync(HttpContext context) =>
        Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
            "There is no component adapter with this name. /api/overview lists all adapters.");
}

/// <summary>The component of an adapter, and its approved permissions.</summary>
internal sealed record ComponentDetail(string Adapter, string Component, string Version, string Root256, IReadOnlyList<string> Permissions)
{
    public static ComponentDetail Of(string adapter, InstalledAdapter installed) =>
        new(adapter, installed.Name.ToString(), installed.Locked.Version.ToString(), installed.Locked.Root256,
            installed.Locked.Permissions);
}

/// <summary>The outcome of an update.</summary>
internal sealed record ComponentUpdateAnswer(string Adapter, string Status, string Before, string Now, string Detail)
{
    public static ComponentUpdateAnswer Of(ComponentUpdate update) =>
        new(update.Adapter, update.Status.ToString().ToLowerInvariant(), update.Before, update.Now, update.Detail);
}
