using System.Diagnostics.CodeAnalysis;

namespace Estream.Host.Widgets;

/// <summary>What the installed widgets may read. Thread-safe.</summary>
internal interface IWidgetGrants
{
    /// <summary>Finds the rights of an installed widget. Clients with subscriptions call this method once a second for each subscription,
    /// so it reads no package. A change of the lock or of the list of revoked components shows at most two seconds later. Never
    /// throws.</summary>
    /// <param name="component">The name of the component, such as <c>@acme/doors</c>; need not be trusted.</param>
    /// <param name="grant">The rights, if the component is an installed widget that passes all checks.</param>
    /// <param name="reason">Why the host does not run the widget, as a sentence for the user.</param>
    bool TryFind(string component, [NotNullWhen(true)] out WidgetGrant? grant, [NotNullWhen(false)] out string? reason);
}

/// <summary>What an installed widget may read.</summary>
/// <param name="Stamp">Changes with the entry of the widget in the lock.</param>
/// <param name="Streams">The stream patterns in the signed manifest.</param>
/// <param name="Tables">The tables in the signed manifest.</param>
/// <param name="Permissions">The permissions in the lock, such as <c>data:read.carbon</c>.</param>
/// <param name="RequiredRoles">The roles in the signed manifest, of which a user needs one.</param>
/// <param name="Refresh">The least time between two frames of new data; zero if data is sent when it changes.</param>
internal sealed record WidgetGrant(string Stamp, IReadOnlyList<string> Streams, IReadOnlyList<string> Tables,
    IReadOnlyList<string> Permissions, IReadOnlyList<string> RequiredRoles, TimeSpan Refresh);
