using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>
/// The working memory of one signature or verification: about 50 KiB that the garbage collector does not move. Pooled, so that calls
/// allocate nothing and threads do not wait for each other.
/// </summary>
/// <remarks>Large enough for every parameter set. A caller that has stored secrets in it must clear it before returning it.</remarks>
internal sealed class Workspace
{
    private const int MaxRows = 8;
    private const int MaxColumns = 7;
    private const int MaxHighBytes = 1024;

    // Two for each processor, because a preempted thread keeps its workspace.
    private static readonly Workspace?[] s_free = new Workspace?[2 * Environment.ProcessorCount];

    private readonly int[] _numbers = Secret.Allocate<int>(((2 * MaxColumns) + MaxRows + 2) * Field.N);
    private readonly byte[] _bytes = Secret.Allocate<byte>((2 * MaxRows * Field.N) + MaxHighBytes + MaskSampling.BufferBytes);
    private readonly ulong[] _state = Secret.Allocate<ulong>(KeccakX8.StateWords);

    private Workspace()
    {
    }

    /// <summary>The masks y, which become the response z.</summary>
    public Span<int> Masks => _numbers.AsSpan(0, MaxColumns * Field.N);

    /// <summary>The transformed masks.</summary>
    public Span<int> Transformed => _numbers.AsSpan(MaxColumns * Field.N, MaxColumns * Field.N);

    /// <summary>The lower parts of w.</summary>
    public Span<int> Low => _numbers.AsSpan(2 * MaxColumns * Field.N, MaxRows * Field.N);

    /// <summary>The transformed challenge.</summary>
    public Span<int> Challenge => _numbers.AsSpan(((2 * MaxColumns) + MaxRows) * Field.N, Field.N);

    /// <summary>One product.</summary>
    public Span<int> Product => _numbers.AsSpan(((2 * MaxColumns) + MaxRows + 1) * Field.N, Field.N);

    /// <summary>The upper parts of w.</summary>
    public Span<byte> High => _bytes.AsSpan(0, MaxRows * Field.N);

    /// <summary>The hints.</summary>
    public Span<byte> Hints => _bytes.AsSpan(MaxRows * Field.N, MaxRows * Field.N);

    /// <summary>The upper parts of w, packed.</summary>
    public Span<byte> Packed => _bytes.AsSpan(2 * MaxRows * Field.N, MaxHighBytes);

    /// <summary>The bytes from which masks are decoded.</summary>
    public Span<byte> Sampled => _bytes.AsSpan((2 * MaxRows * Field.N) + MaxHighBytes, MaskSampling.BufferBytes);

    /// <summary>Eight states of Keccak.</summary>
    public Span<ulong> State => _state;

    /// <summary>Returns a free workspace from the pool, or a new one if none is free.</summary>
    public static Workspace Rent()
    {
        int first = Start();
        for (int i = 0; i < s_free.Length; i++)
        {
            ref Workspace? slot = ref s_free[(first + i) % s_free.Length];
            if (Volatile.Read(ref slot) is not null && Interlocked.Exchange(ref slot, null) is Workspace free)
            {
                return free;
            }
        }

        return new Workspace();
    }

    /// <summary>Returns the workspace to the pool; leaves it to the garbage collector if the pool is full.</summary>
    public void Return()
    {
        int first = Start();
        for (int i = 0; i < s_free.Length; i++)
        {
            ref Workspace? slot = ref s_free[(first + i) % s_free.Length];
            if (Volatile.Read(ref slot) is null && Interlocked.CompareExchange(ref slot, this, null) is null)
            {
                return;
            }
        }
    }

    /// <summary>Overwrites everything.</summary>
    public void Clear()
    {
        Secret.Clear<int>(_numbers);
        Secret.Clear<byte>(_bytes);
        Secret.Clear<ulong>(_state);
    }

    private static int Start() => (int)((uint)Thread.GetCurrentProcessorId() * 2 % (uint)s_free.Length);
}
