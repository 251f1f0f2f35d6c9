using System.Buffers.Binary;

namespace Estream.Wire.Dnp3.Codec;

/// <summary>Reads the measurements of a response in order. Skips objects that are no measurements. A common time of occurrence (group 51)
/// applies to the relative times after it. Allocates nothing.</summary>
internal ref struct MeasurementReader
{
    private const int TimeBytes = 6;
    private const byte StateBit = 0x80;
    private const byte DoubleStateBits = 0xC0;

    private ObjectReader _objects;
    private int _next;
    private bool _isInside;
    private long _commonTime = -1;
    private bool _isCommonSynchronized;
    private readonly bool _isSynchronized;

    /// <param name="objects">The fragment after its header.</param>
    /// <param name="isSynchronized">Whether the outstation does not need the time (IIN1.4 clear).</param>
    public MeasurementReader(ReadOnlySpan<byte> objects, bool isSynchronized)
    {
        _objects = new ObjectReader(objects);
        _isSynchronized = isSynchronized;
    }

    /// <summary>Why <see cref="MoveNext"/> returned false.</summary>
    public readonly ObjectStatus Status => _objects.Status;

    /// <summary>The measurement.</summary>
    public Dnp3Measurement Current { get; private set; }

    /// <summary>Reads the next measurement.</summary>
    /// <returns>False at the end and at an error.</returns>
    public bool MoveNext()
    {
        while (true)
        {
            if (_isInside && _next < _objects.Count)
            {
                ReadObject();
                return true;
            }

            if (!_objects.MoveNext())
            {
                return false;
            }

            _next = 0;
            _isInside = IsMeasurement(_objects.Group) && _objects.Qualifier is not (Qualifiers.All or Qualifiers.FreeFormat);
            if (_objects is { Group: 51, Count: > 0, Data.Length: >= TimeBytes })
            {
                _commonTime = ReadTime(_objects.Data);
                _isCommonSynchronized = _objects.Variation == 1;
            }
        }
    }

    private static bool IsMeasurement(byte group) =>
        group is 1 or 2 or 3 or 4 or 10 or 11 or 20 or 21 or 22 or 23 or 30 or 32 or 40 or 42;

    private static long ReadTime(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) | ((long)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) << 32);

    private void ReadObject()
    {
        int size = _objects.ObjectBits;
        if (size % 8 != 0)
        {
            int bit = _next * size;
            int bits = (_objects.Data[bit / 8] >> (bit % 8)) & ((1 << size) - 1);
            ushort position = (ushort)(_objects.Start + _next++);
            Current = new Dnp3Measurement(KindOf(_objects.Group), position, bits) { IsInteger = true };
            return;
        }

        int prefix = _objects.PrefixBytes;
        ReadOnlySpan<byte> one = _objects.Data.Slice(_next * (prefix + (size / 8)), prefix + (size / 8));
        int index = prefix switch
        {
            1 => one[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(one),
            _ => _objects.Start + _next,
        };
        _next++;
        Current = ReadValue((ushort)index, one[prefix..]);
    }

    private readonly Dnp3Measurement ReadValue(ushort index, ReadOnlySpan<byte> one) => _objects.Group switch
    {
        1 or 2 or 10 or 11 => ReadBits(index, one, StateBit),
        3 or 4 => ReadBits(index, one, DoubleStateBits),
        20 or 21 or 22 or 23 => ReadCounter(index, one),
        _ => ReadAnalog(index, one),
    };

    private readonly Dnp3Measurement ReadBits(ushort index, ReadOnlySpan<byte> one, byte mask)
    {
        int value = (one[0] & mask) >> (mask == StateBit ? 7 : 6);
        Dnp3Measurement bits = new(KindOf(_objects.Group), index, value)
        {
            Flags = (byte)(one[0] & ~mask),
            IsEvent = _objects.Group is 2 or 4 or 11,
            IsInteger = true,
        };
        return _objects.Variation switch
        {
            2 when one.Length > TimeBytes => bits with { TimeMs = ReadTime(one[1..]), IsSynchronized = _isSynchronized },
            3 when _commonTime >= 0 => bits with
            {
                TimeMs = _commonTime + BinaryPrimitives.ReadUInt16LittleEndian(one[1..]),
                IsSynchronized = _isCommonSynchronized,
            },
            _ => bits,
        };
    }

    private readonly Dnp3Measurement ReadCounter(ushort index, ReadOnlySpan<byte> one)
    {
        bool isEvent = _objects.Group is 22 or 23;
        bool hasFlags = isEvent || one.Length is 3 or 5 or 9 or 11;
        byte? flags = hasFlags ? one[0] : null;
        one = hasFlags ? one[1..] : one;
        bool hasTime = one.Length > TimeBytes;
        int valueBytes = one.Length - (hasTime ? TimeBytes : 0);
        uint value = valueBytes == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(one) : BinaryPrimitives.ReadUInt16LittleEndian(one);
        return new Dnp3Measurement(KindOf(_objects.Group), index, value)
        {
            Flags = flags,
            IsEvent = isEvent,
            IsInteger = true,
            TimeMs = hasTime ? ReadTime(one[valueBytes..]) : null,
            IsSynchronized = hasTime && _isSynchronized,
        };
    }

    private readonly Dnp3Measurement ReadAnalog(ushort index, ReadOnlySpan<byte> one)
    {
        bool isEvent = _objects.Group is 32 or 42;
        bool hasFlags = _objects.Group != 30 || _objects.Variation is not (3 or 4);
        byte? flags = hasFlags ? one[0] : null;
        one = hasFlags ? one[1..] : one;
        bool hasTime = isEvent && (_objects.Variation is 3 or 4 or 7 or 8);
        int valueBytes = one.Length - (hasTime ? TimeBytes : 0);
        bool isReal = isEvent ? _objects.Variation >= 5 : _objects.Variation >= (_objects.Group == 30 ? 5 : 3);
        double value = (isReal, valueBytes) switch
        {
            (true, 8) => BinaryPrimitives.ReadDoubleLittleEndian(one),
            (true, _) => BinaryPrimitives.ReadSingleLittleEndian(one),
            (false, 4) => BinaryPrimitives.ReadInt32LittleEndian(one),
            _ => BinaryPrimitives.ReadInt16LittleEndian(one),
        };
        return new Dnp3Measurement(KindOf(_objects.Group), index, value)
        {
            Flags = flags,
            IsEvent = isEvent,
            IsInteger = !isReal,
            TimeMs = hasTime ? ReadTime(one[valueBytes..]) : null,
            IsSynchronized = hasTime && _isSynchronized,
        };
    }

    private static Dnp3PointKind KindOf(byte group) => group switch
    {
        1 or 2 => Dnp3PointKind.BinaryInput,
        3 or 4 => Dnp3PointKind.DoubleBitInput,
        10 or 11 => Dnp3PointKind.BinaryOutput,
        20 or 22 => Dnp3PointKind.Counter,
        21 or 23 => Dnp3PointKind.FrozenCounter,
        30 or 32 => Dnp3PointKind.AnalogInput,
        _ => Dnp3PointKind.AnalogOutput,
    };
}
