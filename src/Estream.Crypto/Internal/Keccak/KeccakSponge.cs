using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Estream.Crypto.Internal.Keccak;

/// <summary>
/// An incremental sponge of FIPS 202: SHA3-256, SHA3-512, SHAKE128 or SHAKE256. Absorb any number of times, then squeeze any number of
/// times.
/// </summary>
/// <remarks>
/// A struct, so nothing is allocated. Not thread-safe. The time depends only on lengths, never on the hashed bytes. The hashed bytes can be
/// computed from the state of the permutation: call <see cref="Clear"/> on a sponge that has absorbed a secret.
/// </remarks>
internal struct KeccakSponge
{
    // For few blocks, loading and rearranging the state costs more than the vectors save: with planes, signing, which hashes about a
    // thousand bytes at a time, took a seventh longer, and verifying a sixth.
    private const int LeastForPlanes = 4096;

    private readonly int _rateBytes;
    private readonly byte _suffix;
    private State _state;
    private int _position;
    private bool _isSqueezing;

    private KeccakSponge(int rateBytes, byte suffix)
    {
        _rateBytes = rateBytes;
        _suffix = suffix;
    }

    /// <summary>Creates a SHA3-256 sponge; squeeze 32 bytes.</summary>
    public static KeccakSponge Sha3_256() => new(KeccakRate.Sha3_256, KeccakRate.Sha3Suffix);

    /// <summary>Creates a SHA3-512 sponge; squeeze 64 bytes.</summary>
    public static KeccakSponge Sha3_512() => new(KeccakRate.Sha3_512, KeccakRate.Sha3Suffix);

    /// <summary>Creates a SHAKE128 sponge; its output has any length.</summary>
    public static KeccakSponge Shake128() => new(KeccakRate.Shake128, KeccakRate.ShakeSuffix);

    /// <summary>Creates a SHAKE256 sponge; its output has any length.</summary>
    public static KeccakSponge Shake256() => new(KeccakRate.Shake256, KeccakRate.ShakeSuffix);

    /// <summary>Absorbs the next bytes of the message.</summary>
    /// <exception cref="InvalidOperationException">The sponge has been squeezed already.</exception>
    public void Absorb(scoped ReadOnlySpan<byte> data)
    {
        if (_isSqueezing)
        {
            throw new InvalidOperationException("The sponge has been squeezed already. Create a new sponge to absorb another message.");
        }

        while (!data.IsEmpty)
        {
            if (_position == 0 && data.Length >= _rateBytes)
            {
                int rest = data.Length % _rateBytes;
                AbsorbBlocks(data[..^rest]);
                data = data[^rest..];
                continue;
            }

            int taken = Math.Min(data.Length, _rateBytes - _position);
            XorIn(data[..taken]);
            data = data[taken..];
            _position += taken;
            if (_position == _rateBytes)
            {
                Permute();
            }
        }
    }

    /// <summary>Writes the next bytes of output. The first call ends the message.</summary>
    public void Squeeze(scoped Span<byte> destination)
    {
        if (!_isSqueezing)
        {
            XorIn([_suffix]);
            _state[(_rateBytes / sizeof(ulong)) - 1] ^= 1UL << 63;
            _isSqueezing = true;
            Permute();
        }

        while (!destination.IsEmpty)
        {
            if (_position == _rateBytes)
            {
                Permute();
            }

            int given = Math.Min(destination.Length, _rateBytes - _position);
            CopyOut(destination[..given]);
            destination = destination[given..];
            _position += given;
        }
    }

    /// <summary>Overwrites the state.</summary>
    public void Clear() => Secret.Clear<ulong>(_state);

    private void AbsorbBlocks(scoped ReadOnlySpan<byte> blocks)
    {
        if (blocks.Length >= LeastForPlanes && _rateBytes == PlanePermutation.RateBytes && !VectorCode.IsCompiling
            && KeccakKernels.IsSupported(KeccakKernel.Planes))
        {
            PlanePermutation.Absorb(_state, blocks);
            return;
        }

        for (; !blocks.IsEmpty; blocks = blocks[_rateBytes..])
        {
            ReadOnlySpan<byte> block = blocks[.._rateBytes];
            for (int word = 0; word < _rateBytes / sizeof(ulong); word++)
            {
                _state[word] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(word * sizeof(ulong))..]);
            }

            Permute();
        }
    }

    private void Permute()
    {
        if (KeccakKernels.BestOfOne == KeccakKernel.OneLane)
        {
            Permutation.Run<Vector128<ulong>, OneLane>(_state, 1);
        }
        else
        {
            ScalarPermutation.Run(_state, 1);
        }

        _position = 0;
    }

    private void XorIn(scoped ReadOnlySpan<byte> data)
    {
        int at = _position;
        while (!data.IsEmpty)
        {
            if (at % sizeof(ulong) == 0 && data.Length >= sizeof(ulong))
            {
                _state[at / sizeof(ulong)] ^= BinaryPrimitives.ReadUInt64LittleEndian(data);
                data = data[sizeof(ulong)..];
                at += sizeof(ulong);
                continue;
            }

            _state[at / sizeof(ulong)] ^= (ulong)data[0] << (8 * (at % sizeof(ulong)));
            data = data[1..];
            at++;
        }
    }

    private readonly void CopyOut(scoped Span<byte> destination)
    {
        int at = _position;
        while (!destination.IsEmpty)
        {
            ulong word = _state[at / sizeof(ulong)];
            if (at % sizeof(ulong) == 0 && destination.Length >= sizeof(ulong))
            {
                BinaryPrimitives.WriteUInt64LittleEndian(destination, word);
                destination = destination[sizeof(ulong)..];
                at += sizeof(ulong);
                continue;
            }

            destination[0] = (byte)(word >> (8 * (at % sizeof(ulong))));
            destination = destination[1..];
            at++;
        }
    }

    [InlineArray(Permutation.Words)]
    private struct State
    {
        private ulong _word;
    }
}
