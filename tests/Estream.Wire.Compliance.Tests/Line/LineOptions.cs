namespace Estream.Wire.Compliance.Tests.Line;

/// <summary>The settings of a line adapter.</summary>
internal sealed record LineOptions(int Port, bool Dials, WireSecret Password, TimeSpan Silence, TimeSpan LongestWait);
