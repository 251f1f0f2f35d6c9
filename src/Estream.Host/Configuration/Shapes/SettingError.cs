namespace Estream.Host.Configuration;

/// <summary>One mistake: the full path of the key (as in <c>Estream:Http:Port</c>) and what to write instead.</summary>
internal readonly record struct SettingError(string Path, string Message);
