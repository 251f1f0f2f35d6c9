using Microsoft.Extensions.Configuration;

namespace Estream.Host.Configuration;

/// <summary>One wire adapter, of a type of this host or of a component. Its own keys stay in <paramref name="Section"/>: only its factory
/// knows them.</summary>
internal sealed record AdapterSettings(string Name, string? Type, string? Component, IConfigurationSection Section);
