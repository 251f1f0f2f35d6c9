using Estream.Core;
using Estream.Crypto;
using Estream.Host.Components;
using Estream.Host.Runtime;

namespace Estream.Host.Http;

/// <summary><c>GET /api/components</c> lists the components that are installed in the workspace of the host.</summary>
internal static class InstalledEndpoint
{
    public static void MapInstalled(this IEndpointRouteBuilder app) => app.MapGet("/api/components", static (HttpContext context) =>
    {
        HostConfiguration? plan = context.RequestServices.GetService<HostConfiguration>();
        try
        {
            return JsonBody.SendAsync(context,
                [.. (plan?.Components?.List() ?? []).Select(one => InstalledOverview.Of(one.Locked, one.Kind, plan!))],
                ApiJson.Default.InstalledOverviewArray);
        }
        catch (EstreamException damaged)
        {
            return Answer.ErrorAsync(context, StatusCodes.Status409Conflict, damaged.Message);
        }
    }).For(AccessRole.Viewer);
}

/// <summary>An installed component. <paramref name="Kind"/> is the category of its manifest, empty if the manifest is missing.
/// <paramref name="UsedBy"/> lists the adapters that run it, as <c>adapter:NAME</c>.</summary>
internal sealed record InstalledOverview(
    string Name, string Version, string Kind, string Root256, IReadOnlyList<string> Permissions, IReadOnlyList<string> UsedBy)
{
    public static InstalledOverview Of(Marketplace.Workspaces.LockedComponent locked, string kind, HostConfiguration plan) => new(
        locked.Name.ToString(), locked.Version.ToString(), kind, locked.Root256, locked.Permissions,
        [.. plan.Adapters.Values.Where(adapter => adapter.Component == locked.Name).Select(adapter => $"adapter:{adapter.Name}")]);
}
