namespace Estream.Map.Internal;

/// <summary>A value of any size: the elements of an array cannot have 64 KiB.</summary>
internal sealed class Cell<TValue>
    where TValue : unmanaged
{
    public TValue Value;

    public static Cell<TValue>[] Make(int count)
    {
        var cells = new Cell<TValue>[count];
        for (int index = 0; index < count; index++)
        {
            cells[index] = new Cell<TValue>();
        }

        return cells;
    }
}
