namespace Estream.Marketplace.Workspaces;

/// <summary>How far an install is.</summary>
/// <param name="Component">The component that is there now.</param>
/// <param name="Done">How many are there.</param>
/// <param name="Total">How many are to be there.</param>
/// <param name="WasCached">Whether it was there before.</param>
public readonly record struct InstallProgress(LockedComponent Component, int Done, int Total, bool WasCached);
