namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>The versions of FIX by name.</summary>
internal static class Versions
{
    public static IEnumerable<string> Names => ["FIX.4.2", "FIX.4.4", "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2"];

    public static FixProtocol Of(string version)
    {
        return version switch
        {
            "FIX.4.2" => FixProtocol.Fix42,
            "FIX.4.4" => FixProtocol.Fix44,
            "FIX.5.0" => FixProtocol.Fix50,
            "FIX.5.0SP1" => FixProtocol.Fix50Sp1,
            _ => FixProtocol.Fix50Sp2,
        };
    }

    /// <summary>The body of a snapshot, with the LastUpdateTime that FIX 5.0 SP2 requires.</summary>
    public static string Snapshot(FixProtocol protocol, string body)
    {
        return ReferenceEquals(protocol, FixProtocol.Fix50Sp2)
            ? body.Replace("|268=", "|779=20260707-12:29:59.900|268=", StringComparison.Ordinal)
            : body;
    }

    /// <summary>The one-character codes that the dictionary of a version lists for a field.</summary>
    public static IEnumerable<string> Codes(FixProtocol protocol, int tag)
    {
        foreach (char code in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        {
            if (protocol.Application.Field(tag)!.Lists([(byte)code]))
            {
                yield return code.ToString();
            }
        }
    }
}
