using System.Globalization;
using System.Text;

namespace Estream.Fuzz.Fix;

/// <summary>Valid messages of every kind that the session handles and of the translated kinds, as a starting point for damage.</summary>
internal static class FixSeeds
{
    /// <summary>The sending time of the messages.</summary>
    public const long Time = 1_783_427_400_000_000_000;

    private const string Header = "34=2|49=TW|52=20260707-12:30:00.000|56=ISLD|";

    public static IReadOnlyList<byte[]> All { get; } =
    [
        Message($"35=A|{Header}98=0|108=30|141=Y|"),
        Message($"35=0|{Header}"),
        Message($"35=1|{Header}112=TEST|"),
        Message($"35=2|{Header}7=1|16=0|"),
        Message($"35=3|{Header}45=2|371=40|372=D|373=13|58=Tag appears more than once|"),
        Message($"35=4|{Header}36=20|123=Y|"),
        Message($"35=5|{Header}58=bye|"),
        Message($"35=D|{Header}11=id|38=100|40=2|44=108.25|54=1|55=MSFT|59=0|60=20260707-12:30:00|"),
        Message($"35=D|{Header}11=id|453=2|448=a|447=B|802=2|523=x|803=1|523=y|803=2|448=b|447=C|386=1|336=1|"
            + "55=MSFT|54=1|60=20260707-12:30:00|40=1|"),
        Message($"35=D|{Header}115=JCD|116=CS|43=Y|122=20260707-12:29:00|97=Y|11=id|40=1|54=1|55=MSFT|60=20260707-12:30:00|"),
        Message($"35=F|{Header}11=b|41=a|54=1|55=MSFT|60=20260707-12:30:00|38=100|"),
        Message($"35=8|{Header}6=0|11=id|14=0|17=e|37=o|39=0|54=1|55=MSFT|150=0|151=100|"),
        Message($"35=B|{Header}148=head|33=2|58=one|58=two|95=4|96=a|b=|"),
        Message($"35=W|{Header}55=EURUSD|268=2|269=0|270=1.0825|271=1000000|269=1|270=1.0826|271=2000000|"),
    ];

    /// <summary>Returns a whole FIX 4.4 message from its fields, with | for SOH.</summary>
    public static byte[] Message(string body)
    {
        byte[] fields = Encoding.UTF8.GetBytes(body.Replace('|', '\u0001'));
        byte[] start =
            [.. Encoding.UTF8.GetBytes($"8=FIX.4.4\u00019={fields.Length.ToString(CultureInfo.InvariantCulture)}\u0001"), .. fields];
        return [.. start, .. Trailer(start)];
    }

    /// <summary>Returns the CheckSum field of a message, with the correct checksum.</summary>
    public static byte[] Trailer(byte[] message)
    {
        int sum = message.Sum(value => value) % 256;
        return Encoding.UTF8.GetBytes($"10={sum.ToString("000", CultureInfo.InvariantCulture)}\u0001");
    }
}
