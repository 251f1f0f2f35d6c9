using System.Collections.Concurrent;
using System.Text;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>
/// Writes a message as JSON of its ESF schema while it is read, as the map says. Decimals are their digits, as they were written. An
/// element without a place in ESF is left out, and so is a second one where a field takes one.
/// </summary>
internal sealed partial class MessageMapper : IMessageSink
{
    /// <summary>Digits that an i64 always holds.</summary>
    public const int MaxDigits = 18;

    /// <summary>Those behind the point of the most exact type.</summary>
    public const int MaxFractionDigits = 17;

    private static readonly ConcurrentDictionary<string, byte[]> s_definitions = new(StringComparer.Ordinal);

    private readonly JsonOutput _main;
    private readonly JsonOutput _aside;
    private readonly IMappedSink? _sink;
    private readonly int _maxPartBytes;
    private readonly MapNode[] _open;
    private readonly bool[] _isLater;
    private readonly ObjectState[] _objects;
    private readonly byte[] _currency = new byte[8];

    // Of the last message: the next one is mostly of the same version.
    private MessageSchema? _schema;
    private MapNode? _plan;
    private byte[] _definition = [];

    // Where values are written: into the message, or aside until the object is closed that they stand beside in ESF, and in which they are
    // in XML.
    private JsonOutput _json;
    private int _asideDepth;
    private int _currencyLength;
    private int _depth;
    private int _objectDepth;
    private int _passed;

    /// <summary>Creates a mapper.</summary>
    /// <param name="limits">How long a message may be.</param>
    /// <param name="sink">Takes statements, in parts where they are long. Without it there is one message, and it is whole.</param>
    public MessageMapper(Iso20022Limits limits, IMappedSink? sink = null)
    {
        _main = new JsonOutput(limits.MaxMappedBytes);
        _aside = new JsonOutput(limits.MaxMappedBytes);
        _json = _main;
        _sink = sink;
        _maxPartBytes = limits.MaxPartBytes;
        _open = new MapNode[limits.MaxDepth];
        _isLater = new bool[limits.MaxDepth];
        _objects = new ObjectState[limits.MaxDepth];
    }

    /// <summary>The JSON of the message, when it is over.</summary>
    public ReadOnlySpan<byte> Json => _main.Written;

    /// <summary>Whether the message is longer than the limit.</summary>
    public bool IsTooLong => _main.IsTooLong || _aside.IsTooLong;

    /// <summary>Whether the map has the message.</summary>
    public bool IsMapped { get; private set; }

    /// <summary>Elements that were left out: those that have no place, with all that is in them as one, and those whose field has a value
    /// already.</summary>
    public long LeftOut { get; private set; }

    public void BeginMessage(MessageSchema schema)
    {
        if (!ReferenceEquals(schema, _schema))
        {
            _schema = schema;
            _plan = MapPlan.Of(schema);
            _definition = MemberOfDefinition(schema);
        }

        IsMapped = _plan is not null;
        if (_plan is null)
        {
            _passed = 1;
            return;
        }

        Push(_plan, isLater: false);
        _json.Sign('{');
        _objects[_objectDepth++] = new ObjectState { Array = -1, HasMember = true };
        _json.Raw(_definition);
    }

    public void Begin(int place)
    {
        _currencyLength = 0;
        if (_passed > 0)
        {
            _passed++;
            return;
        }

        MapNode? node = _open[_depth - 1].Level?.Children[place];
        if (node is null || !TryEnter(node, out bool isLater))
        {
            _passed = 1;
            LeftOut++;
            return;
        }

        if (node.Target is { Kind: MapKind.Object })
        {
            BeginObject(node.Level!);
        }

        Push(node, isLater);
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

        MapNode node = _open[--_depth];
        if (_depth == 0)
        {
            EndMessage();
        }
        else if (node.Target is { } target)
        {
            EndTarget(node, target, value);
        }
    }

    public void Element(int place, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        if (_passed > 0)
        {
            return;
        }

        MapNode? node = _open[_depth - 1].Level?.Children[place];
        if (node is { Level: not null })
        {
            // An object of one text.
            Begin(place);
            End(value);
        }
        else if (node is null || (_isLater[_depth - 1] && !node.HasItems))
        {
            LeftOut++;
        }
        else
        {
            Attribute(attribute);
            EndValue(node.Target!, node.IsTrimmed ? value.Trim(XmlText.Blanks) : value);
        }
    }

    /// <summary>Overwrites what was written: it may be private.</summary>
    public void Clear()
    {
        _main.Clear();
        _aside.Clear();
    }

    /// <summary>Makes it ready for another message. What was written is overwritten.</summary>
    public void Reset()
    {
        Clear();
        _json = _main;
        _asideDepth = 0;
        _records = 0;
        IsSeveral = false;
        _currencyLength = 0;
        _depth = 0;
        _objectDepth = 0;
        _passed = 0;
        IsMapped = false;
        LeftOut = 0;
    }

    private static byte[] MemberOfDefinition(MessageSchema schema) =>
        s_definitions.GetOrAdd(schema.Name, static name => Encoding.UTF8.GetBytes($"\"message_definition\":\"{name}\""));

    private void Push(MapNode node, bool isLater)
    {
        _isLater[_depth] = isLater;
        _open[_depth++] = node;
    }

    // Whether an element counts: its field may have a value, or it may be in the second of elements of which only items count.
    private bool TryEnter(MapNode node, out bool isLater)
    {
        isLater = (node.Once >= 0 && !TryOnce(node.Once)) || _isLater[_depth - 1];
        if (isLater && !node.HasItems)
        {
            return false;
        }

        if (node.Target is not { } target)
        {
            return true;
        }

        isLater = false;
        return target.Kind switch
        {
            MapKind.Object => target.IsOutside ? TryPlaceAside(target) : TryBeginObject(target),
            MapKind.Record => TryBeginRecord(),
            _ => true,
        };
    }

    private void EndTarget(MapNode node, MapTarget target, ReadOnlySpan<byte> value)
    {
        if (target.Kind == MapKind.Record)
        {
            EndRecord();
        }
        else if (target.Kind != MapKind.Object)
        {
            EndValue(target, node.IsTrimmed ? value.Trim(XmlText.Blanks) : value);
        }
        else
        {
            EndText(node.Level!, value);
            EndObject();
            _json = target.IsOutside ? _main : _json;
        }
    }

    // What is left of a message with records is what they begin with.
    private void EndMessage()
    {
        if (HasRecords)
        {
            _objectDepth--;
        }
        else
        {
            EndObject();
        }
    }

    private void BeginObject(MapLevel level)
    {
        _json.Raw(level.Opening);
        _objects[_objectDepth++] = new ObjectState { Array = -1, HasMember = level.Constants.Count > 0 };
    }

    private void EndObject()
    {
        CloseArray(ref _objects[_objectDepth - 1]);
        _json.Sign('}');
        if (_asideDepth == _objectDepth)
        {
            _json.Raw(_aside.Written);
            _aside.Truncate(0);
            _asideDepth = 0;
        }

        _objectDepth--;
    }

    private void EndText(MapLevel level, ReadOnlySpan<byte> value)
    {
        if (level.Text is { } text)
        {
            EndValue(text, value);
        }
    }

    private void EndValue(MapTarget target, ReadOnlySpan<byte> value)
    {
        if (!TryPlace(target, out ReadOnlySpan<byte> before))
        {
            LeftOut++;
            return;
        }

        if (target.Kind == MapKind.Text)
        {
            _json.Text(before, value);
            return;
        }

        _json.Raw(before);
        switch (target.Kind)
        {
            case MapKind.Number:
                WriteNumber(value);
                break;
            case MapKind.Flag:
                _json.Raw(value.SequenceEqual("true"u8) || value.SequenceEqual("1"u8) ? "true"u8 : "false"u8);
                break;
            default:
                WriteDecimal(value, target.Kind == MapKind.Amount);
                break;
        }
    }

    private bool TryOnce(int ordinal)
    {
        ref ObjectState state = ref _objects[_objectDepth - 1];
        bool isFirst = (state.Seen & (1UL << ordinal)) == 0;
        state.Seen |= 1UL << ordinal;
        return isFirst;
    }

    // Says what stands before a value: a comma, the name, the bracket of an array. False where the field has its value.
    private bool TryPlace(MapTarget target, out ReadOnlySpan<byte> before)
    {
        ref ObjectState state = ref _objects[_objectDepth - 1];
        before = default;
        if (target.IsItem && state.Array == target.Ordinal)
        {
            if (target.IsCut && _sink is not null && _json.Length - _itemsStart >= _maxPartBytes)
            {
                CutBefore(target);
            }
            else
            {
                before = ","u8;
            }

            return true;
        }

        ulong bit = 1UL << target.Ordinal;
        if ((state.Seen & bit) != 0)
        {
            return false;
        }

        CloseArray(ref state);
        state.Seen |= bit;
        if (target.IsItem)
        {
            state.Array = target.Ordinal;
        }

        if (target.IsCut)
        {
            // In a record, which is never without a member.
            BeginItems(target);
            return true;
        }

        before = target.Before.AsSpan(state.HasMember ? 0 : 1);
        state.HasMember = true;
        return true;
    }

    // Writes what stands before an object. False where the field has one.
    private bool TryBeginObject(MapTarget target)
    {
        bool isFree = TryPlace(target, out ReadOnlySpan<byte> before);
        _json.Raw(before);
        return isFree;
    }

    // Of an object that is closed later than it is read: only what is in it is written meanwhile.
    private bool TryPlaceAside(MapTarget target)
    {
        if (!TryOnce(target.Ordinal))
        {
            return false;
        }

        _asideDepth = _objectDepth;
        _json = _aside;
        _json.Raw(target.Before);
        return true;
    }

    private void CloseArray(ref ObjectState state)
    {
        if (state.Array >= 0)
        {
            _json.Sign(']');
            state.Array = -1;
        }
    }

    // What is no number is said elsewhere; it is 0 here, in JSON that is thrown away.
    private void WriteNumber(ReadOnlySpan<byte> value)
    {
        DecimalText.TryRead(value, out DecimalText number);
        WriteDigits(number.IsNegative, number.Whole, default);
    }

    private void WriteDecimal(ReadOnlySpan<byte> value, bool hasCurrency)
    {
        DecimalText.TryRead(value, out DecimalText number);
        ReadOnlySpan<byte> fraction = number.FractionWithin(MaxDigits, MaxFractionDigits);
        _json.Raw("{\"value\":"u8);
        WriteDigits(number.IsNegative, number.Whole, fraction);
        _json.Raw(",\"scale\":"u8);
        _json.Number(fraction.Length);
        if (hasCurrency)
        {
            _json.Text(",\"currency\":"u8, _currency.AsSpan(0, _currencyLength));
        }

        _json.Sign('}');
    }

    private void WriteDigits(bool isNegative, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction)
    {
        ReadOnlySpan<byte> rest = whole.IsEmpty ? fraction.TrimStart((byte)'0') : fraction;
        if (whole.IsEmpty && rest.IsEmpty)
        {
            _json.Sign('0');
            return;
        }

        if (isNegative)
        {
            _json.Sign('-');
        }

        _json.Raw(whole);
        _json.Raw(rest);
    }

    // An open object: which fields it has, and which array is not closed, by its place.
    private struct ObjectState
    {
        public ulong Seen;
        public int Array;
        public bool HasMember;
    }
}
