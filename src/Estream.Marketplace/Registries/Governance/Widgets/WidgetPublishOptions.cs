using Estream.Circuits;

namespace Estream.Marketplace.Governance;

/// <summary>The options of <see cref="WidgetPublishCircuit"/>.</summary>
public sealed record WidgetPublishOptions
{
    /// <summary>The source of manifests and bundles.</summary>
    public required WidgetContentSource Content { get; init; }

    /// <summary>The number of approvers that must sign a release for the level <c>verified</c>, 1 to 32; 2 by default.</summary>
    public int RequiredApprovals { get; init; } = 2;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Content);
        if (RequiredApprovals is < 1 or > WidgetPublishLimits.MaxApprovals)
        {
            throw new ArgumentException(
                $"RequiredApprovals is {RequiredApprovals}; it must be from 1 to {WidgetPublishLimits.MaxApprovals}.");
        }
    }
}

/// <summary>The limits of widget publication.</summary>
public static class WidgetPublishLimits
{
    /// <summary>The maximum size of a bundle: 5 MB.</summary>
    public const int MaxBundleBytes = 5_000_000;

    /// <summary>The maximum size of a manifest: 64 KiB.</summary>
    public const int MaxManifestBytes = 64 << 10;

    /// <summary>The maximum size of a request: 192 KiB. A larger request is rejected as a dead letter.</summary>
    public const int MaxRequestBytes = 192 << 10;

    /// <summary>The maximum number of approvals of a request that are verified.</summary>
    public const int MaxApprovals = 32;

    /// <summary>The maximum number of registered keys.</summary>
    public const int MaxPublishers = 16_384;

    /// <summary>The maximum number of published widgets.</summary>
    public const int MaxWidgets = 1 << 20;
}
