namespace Estream.Marketplace.Json;

/// <summary>Why a text is not the JSON that is read here.</summary>
/// <param name="Offset">Where, in bytes from its beginning.</param>
/// <param name="Line">Where, in lines; the first is 1.</param>
/// <param name="Column">Where, in bytes of the line; the first is 1.</param>
/// <param name="Reason">What is wrong there, and what would be right.</param>
internal sealed record JsonFault(int Offset, int Line, int Column, string Reason)
{
    public override string ToString() => $"line {Line}, column {Column}: {Reason}";
}
