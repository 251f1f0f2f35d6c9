namespace Estream.Map.TestProcess;

public enum OperationKind
{
    Put,
    Remove,
    Clear,
}

/// <summary>An endless list of operations in which n alone determines the n-th: the number of completed operations of a killed process
/// determines the content of its map. Every operation may be done twice in a row without harm.</summary>
public static class OperationScript
{
    public const int Keys = 4_000;

    /// <summary>The text that the test process prints when it has opened the map.</summary>
    public const string Ready = "ready";

    private const long ClearEvery = 20_000;

    /// <summary>How many operations the writer does between two snapshots.</summary>
    public const long SnapshotEvery = 12_000;

    /// <summary>The user word that contains the number of the last completed operation.</summary>
    public const int DoneWord = 3;

    public static OperationKind KindOf(long operation)
    {
        if (operation % ClearEvery == 0)
        {
            return OperationKind.Clear;
        }

        return Mix(operation) % 4 == 0 ? OperationKind.Remove : OperationKind.Put;
    }

    public static long KeyOf(long operation) => (long)((Mix(operation) >> 8) % Keys);

    public static void Apply(StateMap<long, CheckedValue> map, long operation)
    {
        long key = KeyOf(operation);
        switch (KindOf(operation))
        {
            case OperationKind.Put: map.Put(key, CheckedValue.Of(operation)); break;
            case OperationKind.Remove: map.Remove(key); break;
            default: map.Clear(); break;
        }
    }

    /// <summary>Applies an operation to a model that records which operation wrote each key last.</summary>
    public static void Apply(Dictionary<long, long> model, long operation)
    {
        long key = KeyOf(operation);
        switch (KindOf(operation))
        {
            case OperationKind.Put: model[key] = operation; break;
            case OperationKind.Remove: model.Remove(key); break;
            default: model.Clear(); break;
        }
    }

    private static ulong Mix(long operation)
    {
        ulong mixed = (ulong)operation * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        return mixed ^ (mixed >> 31);
    }
}
