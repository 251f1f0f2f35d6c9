namespace Estream.Host.Configuration;

/// <summary>Where components are installed. Null for a cache in its usual place.</summary>
internal sealed record ComponentSettings(string Workspace, string? Cache);
