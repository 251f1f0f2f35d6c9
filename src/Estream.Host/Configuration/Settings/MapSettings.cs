namespace Estream.Host.Configuration;

/// <summary>One map: the newest message of <paramref name="Queue"/> per value of the field <paramref name="Key"/>.</summary>
internal sealed record MapSettings(string Name, string Queue, string Schema, string Key);
