namespace Estream.Esf.Internal;

/// <summary>Converts bytes to and from hexadecimal digits in UTF-8: writes lower case, reads both cases.</summary>
internal static class HexText
{
    /// <summary>Decodes exactly <c>destination.Length</c> bytes; returns false if a character is not a digit or the length
    /// differs.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> destination) =>
        Convert.FromHexString(text, destination, out int consumed, out int written) == System.Buffers.OperationStatus.Done
        && consumed == text.Length && written == destination.Length;

    /// <summary>Writes two digits per byte.</summary>
    public static void Encode(ReadOnlySpan<byte> bytes, Span<byte> destination) =>
        Convert.TryToHexStringLower(bytes, destination, out _);

    /// <summary>Returns the value of one hexadecimal digit, or -1.</summary>
    public static int Digit(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };
}
