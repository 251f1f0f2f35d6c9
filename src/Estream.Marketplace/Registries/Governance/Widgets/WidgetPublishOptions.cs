using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>With what <see cref="WidgetPublishCircuit"/> decides.</summary>
public sealed record WidgetPublishOptions
{
    /// <summary>Finds manifests and bundles.</summary>
    public required WidgetContentSource Content { get; init; }

    /// <summary>How many approvers have to sign a release that becomes <c>verified</c>, 1 to 32; 2 by default.</summary>
    public int RequiredApprovals { get; init; } = 2;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Content);
        if (RequiredApprovals is < 1 or > WidgetPublishLimits.MaxApprovals)
        {
            throw new ArgumentException($"RequiredApprovals is {RequiredApprovals}; it must be from 1 to {WidgetPublishLimits.MaxApprovals}.");
        }
    }
}
