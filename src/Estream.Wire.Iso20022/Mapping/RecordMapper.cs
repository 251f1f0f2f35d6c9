using Estream.Esf;
using Estream.Esf.Internal;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>
/// Writes a message as its ESF record while it is read. The result equals, byte for byte, the encoded JSON of a <see
/// cref="MessageMapper"/>.
/// This mapper cannot describe values that do not fit, and does not support messages with records. If <see cref="IsTaking"/> is false or
/// <see cref="IsUnfit"/> is true, use the <see cref="MessageMapper"/>.
/// </summary>
internal sealed partial class RecordMapper : IMessageSink
{
    // Exceeds the number of elements that can be open.
    private const int PassAll = int.MaxValue / 2;

    private readonly Func<string, EsfSchema?> _find;
    private readonly MessageMapper _other;
    private readonly RecordWriter _writer;
    private readonly Dictionary<string, RecordMessage?> _messages = new(StringComparer.Ordinal);
    private readonly OpenElement[] _open;
    private readonly OpenRecord[] _records;
    private readonly byte[] _currency = new byte[8];

    // Cached for the last message, since the next message usually has the same version.
    private MessageSchema? _schema;
    private RecordMessage? _message;

    // Copies of the top of the stack of open elements.
    private RecordLevel? _level;
    private bool _isLater;

    private int _currencyLength;
    private int _depth;
    private int _recordDepth;
    private int _passed;

    /// <summary>Creates a mapper.</summary>
    /// <param name="find">Returns the ESF schema with a name; null if there is none.</param>
    /// <param name="limits">The limits on messages.</param>
    /// <param name="other">Processes the messages that this mapper does not support.</param>
    public RecordMapper(Func<string, EsfSchema?> find, Iso20022Limits limits, MessageMapper other)
    {
        _find = find;
        _other = other;
        _writer = new RecordWriter(limits.MaxMappedBytes);
        _open = new OpenElement[limits.MaxDepth];
        _records = new OpenRecord[limits.MaxDepth];
    }

    /// <summary>The record, at the end of the message.</summary>
    public ReadOnlySpan<byte> Record => _writer.Written;

    /// <summary>The schema of the record; null if this mapper does not process the message.</summary>
    public EsfSchema? Schema => IsTaking ? _message!.Schema : null;

    /// <summary>Whether this mapper processes the message.</summary>
    public bool IsTaking { get; private set; }

    /// <summary>Whether a value of the message does not fit.</summary>
    public bool IsUnfit { get; private set; }

    /// <summary>The number of elements left out, as counted by <see cref="MessageMapper.LeftOut"/>.</summary>
    public long LeftOut { get; private set; }

    public IMessageSink TakerOf(MessageSchema schema)
    {
        if (!ReferenceEquals(schema, _schema))
        {
            _schema = schema;
            _message = MessageOf(schema);
        }

        IsTaking = _message is not null && !IsUnfit;
        return IsTaking ? this : _other;
    }

    public void BeginMessage(MessageSchema schema)
    {
        RecordMessage message = _message!;
        Push(null, message.Level, isLater: false);
        _records[_recordDepth++] = default;
        if (!_writer.TryBeginMessage(message.Schema) || !_writer.TryText(0, message.Field, message.Definition))
        {
            GiveUp();
        }
    }

    public void Begin(int place)
    {
        _currencyLength = 0;
        if (_passed > 0)
        {
            _passed++;
            return;
        }

        RecordNode? node = _level!.Children[place];
        if (node is null || !TryEnter(node, out bool isLater))
        {
            _passed++;
            LeftOut++;
            return;
        }

        Push(node, node.Level, isLater);
    }

    public void Attribute(ReadOnlySpan<byte> value)
    {
        _currencyLength = Math.Min(value.Length, _currency.Length);
        value[.._currencyLength].CopyTo(_currency);
    }

    public void End(ReadOnlySpan<byte> value)
    {
        if (_passed > 0)
        {
            _passed--;
            return;
        }

        RecordNode? node = _open[--_depth].Node;
        if (_depth == 0)
        {
            EndRecord(_level!);
            return;
        }

        RecordLevel? level = _level;
        _level = _open[_depth - 1].Level;
        _isLater = _open[_depth - 1].IsLater;
        if (node!.Kind == RecordKind.Object)
        {
            EndObject(node, level!, value);
        }
        else if (node.Kind != RecordKind.None)
        {
            EndValue(node, _currency.AsSpan(0, _currencyLength), value);
        }
    }

    public void Element(int place, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        if (_passed > 0)
        {
            return;
        }

        RecordNode? node = _level!.Children[place];
        if (node is { Level: not null })
        {
            // The element is mapped to an object with a single text.
            Begin(place);
            End(value);
        }
        else if (node is null || (_isLater && !node.HasItems))
        {
            LeftOut++;
        }
        else
        {
            EndValue(node, attribute, value);
        }
    }

    /// <summary>Overwrites the output, which may be private.</summary>
    public void Clear() => _writer.Clear();

    /// <summary>Prepares for another message, or for the same message again.</summary>
    /// <param name="isUnfit">True to read the same message again with the <see cref="MessageMapper"/>.</param>
    public void Reset(bool isUnfit = false)
    {
        Clear();
        IsUnfit = isUnfit;
        IsTaking = false;
        LeftOut = 0;
        _currencyLength = 0;
        _depth = 0;
        _recordDepth = 0;
        _passed = 0;
    }

    private RecordMessage? MessageOf(MessageSchema schema)
    {
        if (!_messages.TryGetValue(schema.Name, out RecordMessage? message))
        {
            bool isFound = MappedMessages.Find(schema.Name, _find, out EsfSchema? found).IsOk;
            message = isFound && MapPlan.Of(schema) is { } plan ? RecordBinder.Of(schema, plan, found!) : null;
            _messages.Add(schema.Name, message);
        }

        return message;
    }

    private void Push(RecordNode? node, RecordLevel? level, bool isLater)
    {
        _open[_depth++] = new OpenElement { Node = node, Level = level, IsLater = isLater };
        _level = level;
        _isLater = isLater;
    }

    // Returns whether an element is used. If its field already has a value, or in a later occurrence of an enclosing element, only array
    // items are used.
    private bool TryEnter(RecordNode node, out bool isLater)
    {
        ref OpenRecord record = ref _records[_recordDepth - 1];
        isLater = _isLater || (record.Seen & node.Once) != 0;
        record.Seen |= node.Once;
        if (isLater && !node.HasItems)
        {
            return false;
        }

        isLater &= node.Kind == RecordKind.None;
        return node.Kind != RecordKind.Object || TryBeginObject(node, ref record);
    }

    private bool TryBeginObject(RecordNode node, ref OpenRecord outer)
    {
        if (!TryPlace(node, ref outer))
        {
            return false;
        }

        if ((node.IsItem && !_writer.TryBeginCounted(out _)) || !_writer.TryBeginObject(node.Level!.Record!, out int start))
        {
            GiveUp();
            return false;
        }

        foreach ((FieldPlan field, bool value) in node.Constants)
        {
            _writer.SetFlag(start, field, value);
        }

        _records[_recordDepth++] = new OpenRecord { Start = start };
        return true;
    }

    private void EndObject(RecordNode node, RecordLevel level, ReadOnlySpan<byte> value)
    {
        if (level.Text is { } text)
        {
            EndValue(text, default, value);
        }

        int start = _records[_recordDepth - 1].Start;
        EndRecord(level);
        if (node.IsItem)
        {
            _writer.EndItem(start - SequenceWalker.PrefixSize);
        }
        else
        {
            _writer.SetReference(_records[_recordDepth - 1].Start, node.Field!, start);
        }
    }

    private void EndRecord(RecordLevel level)
    {
        ref OpenRecord record = ref _records[--_recordDepth];
        CloseArray(ref record);
        if ((level.Required & ~record.Seen) != 0)
        {
            GiveUp();
        }
    }

    private void EndValue(RecordNode node, ReadOnlySpan<byte> currency, ReadOnlySpan<byte> value)
    {
        ref OpenRecord record = ref _records[_recordDepth - 1];
        if (!TryPlace(node, ref record))
        {
            LeftOut++;
            return;
        }

        FieldPlan field = node.Field!;
        ReadOnlySpan<byte> text = node.IsTrimmed ? XmlText.Trim(value) : value;
        bool fits = node.Kind switch
        {
            RecordKind.Text => node.IsItem ? _writer.TryTextItem(field.Type.Element!, text) : _writer.TryText(record.Start, field, text),
            RecordKind.Name => _writer.TryName(record.Start, field, text),
            RecordKind.Number => TryNumber(record.Start, field, text),
            RecordKind.Flag => TryFlag(record.Start, field, text),
            _ => TryAmount(record.Start, field, node.Amount!, currency, text),
        };
        if (!fits)
        {
            GiveUp();
        }
    }

    // Returns false if the field already has its value.
    private bool TryPlace(RecordNode node, ref OpenRecord record)
    {
        if (node.IsItem && ReferenceEquals(record.Array, node.Field))
        {
            record.Count++;
            return true;
        }

        if ((record.Seen & node.Bit) != 0)
        {
            return false;
        }

        CloseArray(ref record);
        record.Seen |= node.Bit;
        if (node.IsItem)
        {
            record.Array = node.Field;
            record.Count = 1;
            if (!_writer.TryBeginCounted(out record.ArrayStart))
            {
                GiveUp();
            }
        }

        return true;
    }

    private void CloseArray(ref OpenRecord record)
    {
        if (record.Array is { } array)
        {
            _writer.SetCount(record.ArrayStart, record.Count);
            _writer.SetReference(record.Start, array, record.ArrayStart);
            record.Array = null;
        }
    }

    // Writes nothing more and skips the rest of the message.
    private void GiveUp()
    {
        IsUnfit = true;
        _passed = PassAll;
    }

    private struct OpenElement
    {
        public RecordNode? Node;
        public RecordLevel? Level;
        public bool IsLater;
    }

    // An open record: its offset, the fields it has, and the open array.
    private struct OpenRecord
    {
        public ulong Seen;
        public FieldPlan? Array;
        public int ArrayStart;
        public int Count;
        public int Start;
    }
}
