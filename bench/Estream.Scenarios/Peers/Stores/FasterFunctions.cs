using System.Runtime.CompilerServices;
using FASTER.core;

namespace Estream.Scenarios.Peers.Stores;

/// <summary>The input of a compare-and-set of FasterKV: the expected value and its replacement.</summary>
internal struct FasterSwap
{
    public ulong Expected;
    public ulong Replacement;
}

/// <summary>
/// The callbacks of FasterKV for 8-byte keys and values. A struct, so that the JIT compiles the store for them; values change in place, by
/// one atomic store or one compare-and-swap.
/// </summary>
internal readonly struct FasterFunctions : IFunctions<ulong, ulong, FasterSwap, ulong, Empty>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool SingleReader(ref ulong key, ref FasterSwap input, ref ulong value, ref ulong dst, ref ReadInfo readInfo)
    {
        dst = value;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ConcurrentReader(ref ulong key, ref FasterSwap input, ref ulong value, ref ulong dst, ref ReadInfo readInfo)
    {
        dst = value;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool SingleWriter(
        ref ulong key, ref FasterSwap input, ref ulong src, ref ulong dst, ref ulong output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
        dst = src;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ConcurrentWriter(
        ref ulong key, ref FasterSwap input, ref ulong src, ref ulong dst, ref ulong output, ref UpsertInfo upsertInfo)
    {
        dst = src;
        return true;
    }

    /// <summary>The output is the value found: the swap succeeded if it equals the expected value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool InPlaceUpdater(ref ulong key, ref FasterSwap input, ref ulong value, ref ulong output, ref RMWInfo rmwInfo)
    {
        output = Interlocked.CompareExchange(ref value, input.Replacement, input.Expected);
        return true;
    }

    /// <summary>A compare-and-set creates no entry.</summary>
    public bool NeedInitialUpdate(ref ulong key, ref FasterSwap input, ref ulong output, ref RMWInfo rmwInfo) => false;

    public bool InitialUpdater(ref ulong key, ref FasterSwap input, ref ulong value, ref ulong output, ref RMWInfo rmwInfo) => false;

    public bool NeedCopyUpdate(ref ulong key, ref FasterSwap input, ref ulong oldValue, ref ulong output, ref RMWInfo rmwInfo)
    {
        output = oldValue;
        return oldValue == input.Expected;
    }

    public bool CopyUpdater(
        ref ulong key, ref FasterSwap input, ref ulong oldValue, ref ulong newValue, ref ulong output, ref RMWInfo rmwInfo)
    {
        output = oldValue;
        newValue = input.Replacement;
        return true;
    }

    public bool SingleDeleter(ref ulong key, ref ulong value, ref DeleteInfo deleteInfo) => true;

    public bool ConcurrentDeleter(ref ulong key, ref ulong value, ref DeleteInfo deleteInfo) => true;

    public void PostSingleWriter(
        ref ulong key, ref FasterSwap input, ref ulong src, ref ulong dst, ref ulong output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
    }

    public void PostInitialUpdater(ref ulong key, ref FasterSwap input, ref ulong value, ref ulong output, ref RMWInfo rmwInfo)
    {
    }

    public void PostCopyUpdater(
        ref ulong key, ref FasterSwap input, ref ulong oldValue, ref ulong newValue, ref ulong output, ref RMWInfo rmwInfo)
    {
    }

    public void PostSingleDeleter(ref ulong key, ref DeleteInfo deleteInfo)
    {
    }

    public void ReadCompletionCallback(
        ref ulong key, ref FasterSwap input, ref ulong output, Empty ctx, Status status, RecordMetadata recordMetadata)
    {
    }

    public void RMWCompletionCallback(
        ref ulong key, ref FasterSwap input, ref ulong output, Empty ctx, Status status, RecordMetadata recordMetadata)
    {
    }

    public void DisposeSingleWriter(
        ref ulong key, ref FasterSwap input, ref ulong src, ref ulong dst, ref ulong output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
    }

    public void DisposeCopyUpdater(
        ref ulong key, ref FasterSwap input, ref ulong oldValue, ref ulong newValue, ref ulong output, ref RMWInfo rmwInfo)
    {
    }

    public void DisposeInitialUpdater(ref ulong key, ref FasterSwap input, ref ulong value, ref ulong output, ref RMWInfo rmwInfo)
    {
    }

    public void DisposeSingleDeleter(ref ulong key, ref ulong value, ref DeleteInfo deleteInfo)
    {
    }

    public void CheckpointCompletionCallback(int sessionID, string sessionName, CommitPoint commitPoint)
    {
    }

    public void DisposeDeserializedFromDisk(ref ulong key, ref ulong value)
    {
    }
}
