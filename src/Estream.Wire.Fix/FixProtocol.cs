using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

/// <summary>A version of FIX: what stands in BeginString, and the dictionaries of its session and of its applications.</summary>
public sealed class FixProtocol
{
    private static readonly Lazy<FixProtocol> s_fix42 = new(() => new FixProtocol("FIX.4.2", FixDictionary.Fix42));
    private static readonly Lazy<FixProtocol> s_fix44 = new(() => new FixProtocol("FIX.4.4", FixDictionary.Fix44));
    private static readonly Lazy<FixProtocol> s_fix50Sp2 = new(() => OverFixt(FixDictionary.Fix50Sp2, "9"));

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

    /// <summary>FIX 4.2 as its specification has it.</summary>
    public static FixProtocol Fix42 => s_fix42.Value;

    /// <summary>FIX 4.4 as its specification has it.</summary>
    public static FixProtocol Fix44 => s_fix44.Value;

    /// <summary>FIX 5.0 SP2 over FIXT 1.1 as their specifications have it.</summary>
    public static FixProtocol Fix50Sp2 => s_fix50Sp2.Value;

    /// <summary>FIX.4.2, FIX.4.4, FIXT.1.1.</summary>
    public string BeginString { get; }

    /// <summary>The dictionary of header, trailer and session messages.</summary>
    public FixDictionary Transport { get; }

    /// <summary>The dictionary of application messages; before FIXT that of the session too.</summary>
    public FixDictionary Application { get; }

    /// <summary>DefaultApplVerID (1137) of FIXT; null before.</summary>
    public string? DefaultApplVerId { get; }

    internal ReadOnlySpan<byte> BeginStringSpan => BeginStringBytes;

    internal FixDataTags DataTags { get; }

    internal bool IsFixt => DefaultApplVerId is not null;

    private byte[] BeginStringBytes { get; }

    /// <summary>A version before FIXT with a dictionary of your own.</summary>
    /// <param name="dictionary">The dictionary; its version is the BeginString.</param>
    /// <exception cref="ArgumentException">Its version is longer than 12 bytes, or it is one of FIXT.</exception>
    public static FixProtocol Of(FixDictionary dictionary)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        if (dictionary.Version.Length > FixFrame.MaxBeginString || dictionary.Version.StartsWith("FIXT", StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"A dictionary of {dictionary.Version} is none of a version before FIXT; over FIXT it goes by OverFixt.",
                nameof(dictionary));
        }

        return new FixProtocol(dictionary.Version, dictionary);
    }

    /// <summary>FIXT 1.1 with an application dictionary of your own.</summary>
    /// <param name="application">The application messages.</param>
    /// <param name="applVerId">DefaultApplVerID (1137): "9" for FIX 5.0 SP2.</param>
    public static FixProtocol OverFixt(FixDictionary application, string applVerId)
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentException.ThrowIfNullOrEmpty(applVerId);
        return new FixProtocol("FIXT.1.1", FixDictionary.Fixt11, application, applVerId);
    }
}
