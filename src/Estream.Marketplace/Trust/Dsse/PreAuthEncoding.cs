using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Trust.Dsse;

/// <summary>
/// The bytes that are signed: the Pre-Authentication Encoding of DSSE version 1, which no other pair of type and payload has:
/// <c>DSSEv1</c>, then the length and the bytes of each, separated by single spaces.
/// </summary>
internal static class PreAuthEncoding
{
    public static byte[] Of(string payloadType, ReadOnlySpan<byte> payload)
    {
        byte[] type = Encoding.UTF8.GetBytes(payloadType);
        byte[] head = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {type.Length} {payloadType} {payload.Length} "));
        return [.. head, .. payload];
    }
}
