namespace Estream.Wire.Compliance.Tests.Line;

/// <summary>The settings of a line adapter.</summary>
internal sealed record LineOptions(int Port, bool Dials, string PasswordFile, TimeSpan Silence, TimeSpan LongestWait);
