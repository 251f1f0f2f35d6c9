namespace Estream.Wire.Fix.Codec;

/// <summary>How a field begins that has a certain tag of one to three digits: the digits and the equals sign, in one word.</summary>
/// <param name="Word">The first four bytes of the field, the first of them lowest; zeros behind the equals sign.</param>
/// <param name="Mask">Which bits of them count.</param>
/// <param name="Length">Bytes of the tag and of the equals sign.</param>
internal readonly record struct TagGuess(uint Word, uint Mask, int Length)
{
    /// <summary>No field begins like this.</summary>
    public static TagGuess None { get; } = new(1, 0, 0);

    /// <param name="field">The first four bytes of a field with such a tag.</param>
    /// <param name="length">Bytes of its tag and of the equals sign: 2 to 4.</param>
    public static TagGuess Of(uint field, int length)
    {
        uint mask = uint.MaxValue >> (32 - (8 * length));
        return new TagGuess(field & mask, mask, length);
    }

    /// <summary>Whether a field with these first four bytes begins like this.</summary>
    public bool IsOf(uint field)
    {
        return (field & Mask) == Word;
    }
}
