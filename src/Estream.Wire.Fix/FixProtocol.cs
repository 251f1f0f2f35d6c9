using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

/// <summary>A FIX version: its BeginString, and the dictionaries of session and application messages.</summary>
public sealed class FixProtocol
{
    private static readonly Lazy<FixProtocol> s_fix42 = new(() => new FixProtocol("FIX.4.2", FixDictionary.Fix42));
    private static readonly Lazy<FixProtocol> s_fix44 = new(() => new FixProtocol("FIX.4.4", FixDictionary.Fix44));
    // ApplVerID (1128, 1137) of the application versions over FIXT.
    internal const string ApplVerIdOfFix50 = "7";
    internal const string ApplVerIdOfFix50Sp1 = "8";
    internal const string ApplVerIdOfFix50Sp2 = "9";

    private static readonly Lazy<FixProtocol> s_fix50 = new(() => OverFixt(FixDictionary.Fix50, ApplVerIdOfFix50));
    private static readonly Lazy<FixProtocol> s_fix50Sp1 = new(() => OverFixt(FixDictionary.Fix50Sp1, ApplVerIdOfFix50Sp1));
    private static readonly Lazy<FixProtocol> s_fix50Sp2 = new(() => OverFixt(FixDictionary.Fix50Sp2, ApplVerIdOfFix50Sp2));

    private FixProtocol(string beginString, FixDictionary transport, FixDictionary application, string? applVerId)
    {
        BeginString = beginString;
        Transport = transport;
        Application = application;
        DefaultApplVerId = applVerId;
        BeginStringBytes = Encoding.ASCII.GetBytes(beginString);
        DataTags = new FixDataTags(
            [.. transport.LengthTags, .. application.LengthTags], [.. transport.DataTags, .. application.DataTags]);
    }

    private FixProtocol(string beginString, FixDictionary dictionary)
        : this(beginString, dictionary, dictionary, null)
    {
    }

    /// <summary>FIX 4.2 with the dictionary of this package.</summary>
    public static FixProtocol Fix42 => s_fix42.Value;

    /// <summary>FIX 4.4 with the dictionary of this package.</summary>
    public static FixProtocol Fix44 => s_fix44.Value;

    /// <summary>FIX 5.0 over FIXT 1.1 with the dictionaries of this package.</summary>
    public static FixProtocol Fix50 => s_fix50.Value;

    /// <summary>FIX 5.0 SP1 over FIXT 1.1 with the dictionaries of this package.</summary>
    public static FixProtocol Fix50Sp1 => s_fix50Sp1.Value;

    /// <summary>FIX 5.0 SP2 over FIXT 1.1 with the dictionaries of this package.</summary>
    public static FixProtocol Fix50Sp2 => s_fix50Sp2.Value;

    /// <summary>BeginString (8): FIX.4.2, FIX.4.4 or FIXT.1.1 for the protocols of this package.</summary>
    public string BeginString { get; }

    /// <summary>The dictionary of the header, the trailer and session messages.</summary>
    public FixDictionary Transport { get; }

    /// <summary>The dictionary of application messages; before FIXT it is the same as <see cref="Transport"/>.</summary>
    public FixDictionary Application { get; }

    /// <summary>DefaultApplVerID (1137) of FIXT; null for versions before FIXT.</summary>
    public string? DefaultApplVerId { get; }

    internal ReadOnlySpan<byte> BeginStringSpan => BeginStringBytes;

    internal FixDataTags DataTags { get; }

    internal bool IsFixt => DefaultApplVerId is not null;

    private byte[] BeginStringBytes { get; }

    /// <summary>Creates a protocol before FIXT with a custom dictionary.</summary>
    /// <param name="dictionary">The dictionary; its version is the BeginString.</param>
    /// <exception cref="ArgumentException">The dictionary's version is longer than 12 bytes, or is a FIXT version.</exception>
    public static FixProtocol Of(FixDictionary dictionary)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        if (dictionary.Version.Length > FixFrame.MaxBeginString || dictionary.Version.StartsWith("FIXT", StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"Dictionary version '{dictionary.Version}' is a FIXT version or too long. Use OverFixt for messages over FIXT.",
                nameof(dictionary));
        }

        return new FixProtocol(dictionary.Version, dictionary);
    }

    /// <summary>Creates FIXT 1.1 with a custom application dictionary.</summary>
    /// <param name="application">The dictionary of application messages.</param>
    /// <param name="applVerId">DefaultApplVerID (1137): "7" for FIX 5.0, "8" for FIX 5.0 SP1, "9" for FIX 5.0 SP2.</param>
    public static FixProtocol OverFixt(FixDictionary application, string applVerId)
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentException.ThrowIfNullOrEmpty(applVerId);
        return new FixProtocol("FIXT.1.1", FixDictionary.Fixt11, application, applVerId);
    }
}
