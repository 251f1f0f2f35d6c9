namespace Estream.Marketplace.Governance;

/// <summary>Something that looks through a package before it is published: a virus scanner, a search for secrets. A registry that has one
/// publishes nothing that it has not passed.</summary>
/// <remarks>Called by several threads at a time. What it throws, and what it does not do in time, is no pass.</remarks>
public interface IReleaseScanner
{
    /// <summary>What it is called in decisions: lower-case letters, digits and hyphens.</summary>
    string Name { get; }

    /// <summary>Looks through a package.</summary>
    /// <param name="package">The package's bytes.</param>
    /// <param name="cancellation">Ends it when its time is over.</param>
    /// <returns>What it has found against the package, in words; <see langword="null"/> where that is nothing.</returns>
    Task<string?> ScanAsync(ReadOnlyMemory<byte> package, CancellationToken cancellation);
}
