using Estream.Marketplace;

namespace Estream.Host.Runtime;

/// <summary>The gateway of a host.</summary>
/// <param name="Component">The component with the limits of the edition.</param>
/// <param name="HasStandby">Whether two hosts share the data folder, and one of them waits until the other has ended.</param>
internal sealed record GatewayPlan(ComponentName Component, bool HasStandby)
{
    /// <summary>The setting that names the component.</summary>
    public const string ComponentKey = "Estream:Gateway:Component";
}
