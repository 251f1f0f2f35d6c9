namespace Estream.Marketplace.Workspaces;

/// <summary>Gives a package that the cache does not have. Whoever gives it has verified its release; its root is checked by whoever
/// installs it.</summary>
/// <param name="component">The component.</param>
/// <param name="cancellation">Ends the wait.</param>
/// <returns>The package, which can be read twice.</returns>
public delegate ValueTask<Stream> FetchPackage(LockedComponent component, CancellationToken cancellation);
