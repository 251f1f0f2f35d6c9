namespace Estream.Wire.Modbus.Tests.Codec;

/// <summary>A request and its response for every public function, as the standard shows them in chapter 6.</summary>
internal static class PduSamples
{
    public static IReadOnlyList<(byte[] Request, byte[] Response)> All { get; } =
    [
        Of("0100130013", "0103CD6B05"),
        Of("0200C40016", "0203ACDB35"),
        Of("03006B0003", "0306022B00000064"),
        Of("0400080001", "0402000A"),
        Of("0500ACFF00", "0500ACFF00"),
        Of("0600010003", "0600010003"),
        Of("07", "076D"),
        Of("080000A537", "080000A537"),
        Of("0B", "0BFFFF0108"),
        Of("0C", "0C08000001080121" + "2000"),
        Of("0F0013000A02CD01", "0F0013000A"),
        Of("100001000204000A0102", "1000010002"),
        Of("11", "11030AFF01"),
        Of("140E0600040001000206000300090002", "140C05060DFE0020050633CD0040"),
        Of("150D0600040007000306AF04BE100D", "150D0600040007000306AF04BE100D"),
        Of("16000400F20025", "16000400F20025"),
        Of("1700030006000E00030600FF00FF00FF", "170C00FE0ACD00010003000D00FF"),
        Of("1804DE", "180006000201B81284"),
        Of("2B0E0100", "2B0E01010000030016" + Ascii("Company identification") + "010D" + Ascii("Product code ") + "0205" + Ascii("V2.11")),
    ];

    private static (byte[] Request, byte[] Response) Of(string request, string response) =>
        (Convert.FromHexString(request), Convert.FromHexString(response));

    private static string Ascii(string text) => Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(text));
}
