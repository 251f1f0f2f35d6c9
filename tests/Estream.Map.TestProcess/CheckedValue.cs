using System.Runtime.CompilerServices;

namespace Estream.Map.TestProcess;

/// <summary>A value of 256 bytes in which every word follows from the first, so that a mixture of two values shows.</summary>
public struct CheckedValue
{
    private const int Words = 32;

    private Content _words;

    /// <summary>The operation that wrote it.</summary>
    public readonly long Operation => _words[0];

    /// <summary>Whether all of it comes from one <see cref="Of"/>.</summary>
    public readonly bool IsWhole
    {
        get
        {
            for (int word = 1; word < Words; word++)
            {
                if (_words[word] != Derive(_words[0], word))
                {
                    return false;
                }
            }

            return true;
        }
    }

    public static CheckedValue Of(long operation)
    {
        CheckedValue value = default;
        value._words[0] = operation;
        for (int word = 1; word < Words; word++)
        {
            value._words[word] = Derive(operation, word);
        }

        return value;
    }

    private static long Derive(long operation, int word) => (operation * 0x5851F42D4C957F2D) ^ ((long)word << 56);

    [InlineArray(Words)]
    private struct Content
    {
        private long _first;
    }
}
