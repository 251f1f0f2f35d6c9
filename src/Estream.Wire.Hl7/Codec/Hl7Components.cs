using System.Runtime.CompilerServices;

namespace Estream.Wire.Hl7.Codec;

/// <summary>A view of the components of a repetition, found in one pass. Use it to read several components of a field, and
/// <see cref="Hl7Field.Component"/> to read one. Absent components are empty.</summary>
internal ref struct Hl7Components
{
    /// <summary>The maximum number of a component that can be read.</summary>
    public const int MaxComponents = 15;

    private const int MaxByteByByte = 64;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly byte _subComponent;
    private readonly int _count;
    private Starts _starts;

    /// <param name="repetition">The repetition.</param>
    public Hl7Components(Hl7Field repetition)
    {
        _bytes = repetition.Bytes;
        _subComponent = repetition.Delimiters.SubComponent;
        byte separator = repetition.Delimiters.Component;
        int count = 0;
        if (_bytes.Length <= MaxByteByByte)
        {
            for (int at = 0; at < _bytes.Length && count < MaxComponents; at++)
            {
                if (_bytes[at] == separator)
                {
                    _starts[++count] = at + 1;
                }
            }
        }
        else
        {
            for (int at = 0; count < MaxComponents && _bytes[at..].IndexOf(separator) is var next and >= 0; at += next + 1)
            {
                _starts[++count] = at + next + 1;
            }
        }

        if (count < MaxComponents)
        {
            _starts[++count] = _bytes.Length + 1;
        }

        _count = count;
    }

    /// <summary>Returns a component.</summary>
    /// <param name="number">The number of the component, from 1 to <see cref="MaxComponents"/>.</param>
    public readonly ReadOnlySpan<byte> this[int number] =>
        number <= _count ? _bytes[_starts[number - 1]..(_starts[number] - 1)] : [];

    /// <summary>Returns a sub-component.</summary>
    /// <param name="component">The number of the component, from 1 to <see cref="MaxComponents"/>.</param>
    /// <param name="number">The number of the sub-component, from 1.</param>
    public readonly ReadOnlySpan<byte> SubComponent(int component, int number) =>
        Hl7Field.Part(this[component], _subComponent, number - 1);

    /// <summary>The starts of the components; each component ends one byte before the start of the next.</summary>
    [InlineArray(MaxComponents + 1)]
    private struct Starts
    {
        private int _first;
    }
}
