namespace Estream.Host.Configuration;

/// <summary>The vault of the tokens of cards. Paths are absolute.</summary>
internal sealed record VaultSettings(string Directory, string KeyFile);
