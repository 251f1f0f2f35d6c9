using System.Collections.Frozen;
using Estream.Core;
using Estream.Wire.Fix.Dictionary;

namespace Estream.Wire.Fix;

/// <summary>Defines the fields, messages and groups of a FIX version or of an agreement with a counterparty. Read from QuickFIX XML.
/// Immutable and thread-safe.</summary>
/// <remarks>The dictionaries in this package come from quickfixengine.org; see docs/guides/protocols/fix.md for their license.</remarks>
public sealed class FixDictionary
{
    private static readonly Lazy<FixDictionary> s_fix42 = new(() => Shipped("FIX42.xml"));
    private static readonly Lazy<FixDictionary> s_fix44 = new(() => Shipped("FIX44.xml"));
    private static readonly Lazy<FixDictionary> s_fixt11 = new(() => Shipped("FIXT11.xml"));
    private static readonly Lazy<FixDictionary> s_fix50 = new(() => Shipped("FIX50.xml"));
    private static readonly Lazy<FixDictionary> s_fix50Sp1 = new(() => Shipped("FIX50SP1.xml"));
    private static readonly Lazy<FixDictionary> s_fix50Sp2 = new(() => Shipped("FIX50SP2.xml"));

    private readonly FrozenDictionary<int, FixFieldDefinition> _fields;
    private readonly FrozenDictionary<ulong, FixMessageType> _messages;

    internal FixDictionary(
        string version,
        IReadOnlyCollection<FixFieldDefinition> fields,
        IReadOnlyDictionary<ulong, FixMessageType> messages,
        FixFieldSet header,
        FixFieldSet trailer)
    {
        Version = version;
        _fields = fields.ToFrozenDictionary(field => field.Tag);
        _messages = messages.ToFrozenDictionary();
        Header = header;
        Trailer = trailer;
        LengthTags = [.. fields.Where(field => field.Type == FixFieldType.Length).Select(field => field.Tag)];
        DataTags = [.. fields.Where(field => field.Type == FixFieldType.Data).Select(field => field.Tag)];
    }

    /// <summary>FIX 4.2.</summary>
    public static FixDictionary Fix42 => s_fix42.Value;

    /// <summary>FIX 4.4.</summary>
    public static FixDictionary Fix44 => s_fix44.Value;

    /// <summary>The FIXT 1.1 session messages.</summary>
    public static FixDictionary Fixt11 => s_fixt11.Value;

    /// <summary>The FIX 5.0 application messages.</summary>
    public static FixDictionary Fix50 => s_fix50.Value;

    /// <summary>The FIX 5.0 SP1 application messages.</summary>
    public static FixDictionary Fix50Sp1 => s_fix50Sp1.Value;

    /// <summary>The FIX 5.0 SP2 application messages.</summary>
    public static FixDictionary Fix50Sp2 => s_fix50Sp2.Value;

    /// <summary>The version that the root element states, such as FIX.4.2, FIX.4.4, FIXT.1.1, FIX.5.0, FIX.5.0SP1 or FIX.5.0SP2.</summary>
    public string Version { get; }

    /// <summary>The number of fields the dictionary defines.</summary>
    public int FieldCount => _fields.Count;

    /// <summary>The number of message types the dictionary defines.</summary>
    public int MessageCount => _messages.Count;

    internal FixFieldSet Header { get; }

    internal FixFieldSet Trailer { get; }

    internal IReadOnlyList<int> LengthTags { get; }

    internal IReadOnlyList<int> DataTags { get; }

    /// <summary>Reads a custom dictionary, such as a standard dictionary with the extensions that you and a counterparty agreed
    /// on.</summary>
    /// <param name="file">A QuickFIX XML file of at most 8 MiB.</param>
    /// <exception cref="FixDictionaryException">The file cannot be read, contradicts itself, or is too large. The message names the
    /// line.</exception>
    public static FixDictionary Load(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        try
        {
            FileKinds.ThrowIfSpecial(file);
            using FileStream stream = File.OpenRead(file);
            return FixDictionaryReader.Read(stream, file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            throw new FixDictionaryException(file, 0, $"cannot be read: {failure.Message}", failure);
        }
    }

    internal FixFieldDefinition? Field(int tag)
    {
        return _fields.TryGetValue(tag, out FixFieldDefinition? field) ? field : null;
    }

    internal FixMessageType? Message(ReadOnlySpan<byte> msgType)
    {
        return PackedText.TryPack(msgType, out ulong packed) && _messages.TryGetValue(packed, out FixMessageType? message) ? message : null;
    }

    private static FixDictionary Shipped(string name)
    {
        using Stream stream = typeof(FixDictionary).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is missing from this build.");
        return FixDictionaryReader.Read(stream, name);
    }
}

/// <summary>Thrown when a FIX dictionary cannot be read, contradicts itself, or exceeds a limit.</summary>
public sealed class FixDictionaryException : EstreamException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="source">The file, or the name of the stream.</param>
    /// <param name="line">The line, from 1; 0 if unknown.</param>
    /// <param name="message">What is wrong and what to write instead. File and line are prepended.</param>
    /// <param name="innerException">The cause.</param>
    public FixDictionaryException(string source, int line, string message, Exception? innerException = null)
        : base(line > 0 ? $"{source}, line {line}: {message}" : $"{source}: {message}", source, isTransient: false, innerException)
    {
        Line = line;
    }

    /// <summary>The line, from 1; 0 if unknown.</summary>
    public int Line { get; }
}
