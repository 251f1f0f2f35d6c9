using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Crypto;

namespace Estream.Streams.Mpc;

/// <summary>The secrets of a party: the shares it dealt, the shares it received, and the keys it shares with each other party. Overwritten
/// when disposed.</summary>
internal sealed class MpcSecrets : IDisposable
{
    private readonly int _parties;
    private readonly int _party;
    private readonly ulong[] _dealt;
    private readonly ulong[] _received;
    private readonly byte[] _blinds;
    private readonly byte[] _keysFor;
    private readonly byte[] _keysFrom;
    private readonly byte[] _shown = new byte[MpcCommitmentOpening.Bytes];

    /// <param name="parties">The number of parties.</param>
    /// <param name="party">The index of this party.</param>
    /// <param name="number">The secret number of this party.</param>
    /// <param name="draw">Draws all shares but the last; null for random shares.</param>
    public MpcSecrets(int parties, int party, ulong number, Func<ulong>? draw = null)
    {
        (_parties, _party) = (parties, party);
        _dealt = GC.AllocateArray<ulong>(parties, pinned: true);
        _received = GC.AllocateArray<ulong>(parties, pinned: true);
        _blinds = GC.AllocateArray<byte>(parties * EncryptedShare.BlindBytes, pinned: true);
        _keysFor = GC.AllocateArray<byte>(parties * EncryptedShare.KeyBytes, pinned: true);
        _keysFrom = GC.AllocateArray<byte>(parties * EncryptedShare.KeyBytes, pinned: true);
        RandomNumberGenerator.Fill(_blinds);

        // All but the last share are uniformly random; the last one makes the shares add up to the number.
        ulong rest = number;
        for (int receiver = 0; receiver < parties - 1; receiver++)
        {
            _dealt[receiver] = draw is null ? Field61.Random() : draw();
            rest = Field61.Subtract(rest, _dealt[receiver]);
        }

        _dealt[parties - 1] = rest;
    }

    /// <summary>Returns the key with which a party authenticates its posts to this party.</summary>
    public ReadOnlySpan<byte> KeyFor(int party) => Slice(_keysFor, party, EncryptedShare.KeyBytes);

    /// <summary>Returns the key with which this party authenticates its posts to another party.</summary>
    public ReadOnlySpan<byte> KeyFrom(int party) => Slice(_keysFrom, party, EncryptedShare.KeyBytes);

    /// <summary>Returns the post of an honest party in the current round.</summary>
    public byte[] CreatePost(MpcBoard board, MlKem1024PrivateKey key) => board.Round switch
    {
        MpcRound.Share => Deal(board),
        MpcRound.Check => Open(board, key),
        MpcRound.Answer => Answer(board),
        MpcRound.Commit => Commit(board),
        _ => [.. _shown],
    };

    /// <summary>Returns commitments to all shares, and the boxes with the encrypted shares.</summary>
    private byte[] Deal(MpcBoard board)
    {
        byte[] body = new byte[MpcBoard.ShareBytes(_parties)];
        Span<byte> boxes = body.AsSpan(_parties * MpcHash.Bytes);
        for (int receiver = 0; receiver < _parties; receiver++)
        {
            Span<byte> blind = Slice(_blinds, receiver, EncryptedShare.BlindBytes);
            MpcHash.OfNumber(board.Start.Session, "share"u8, _party, receiver, _dealt[receiver], blind)
                .CopyTo(body, receiver * MpcHash.Bytes);
            EncryptedShare.Seal(
                MlKem1024PublicKey.Import(board.Start.Keys[receiver]), board.Start.Digest, _party, receiver, _dealt[receiver], blind,
                boxes.Slice(receiver * EncryptedShare.Bytes, EncryptedShare.Bytes), Slice(_keysFor, receiver, EncryptedShare.KeyBytes));
        }

        return body;
    }

    /// <summary>Opens the dealt shares, and returns a complaint for each dealer whose share does not match its commitment.</summary>
    private byte[] Open(MpcBoard board, MlKem1024PrivateKey key)
    {
        byte[] complaints = new byte[_parties];
        Span<byte> shown = stackalloc byte[MpcCommitmentOpening.Bytes];
        Span<byte> blind = stackalloc byte[EncryptedShare.BlindBytes];
        for (int dealer = 0; dealer < _parties; dealer++)
        {
            bool isOpen = EncryptedShare.TryOpen(key, board.Start.Digest, dealer, _party, board.BoxOf(dealer, _party), out ulong share,
                blind,
                Slice(_keysFrom, dealer, EncryptedShare.KeyBytes));
            MpcCommitmentOpening.Write(shown, share, blind);
            bool fits = isOpen && MpcCommitmentOpening.Fits(board.Start.Session, "share"u8, dealer, _party, shown,
                board.CommitmentOf(dealer, _party));
            complaints[dealer] = fits ? (byte)0 : (byte)1;
            _received[dealer] = share;
        }

        CryptographicOperations.ZeroMemory(shown);
        CryptographicOperations.ZeroMemory(blind);
        return complaints;
    }

    /// <summary>Reveals the shares of the parties that complained. In each case one of the two parties is dishonest, so no secret between
    /// honest parties is revealed.</summary>
    private byte[] Answer(MpcBoard board)
    {
        int[] receivers = [.. board.ComplaintsAbout(_party)];
        byte[] body = new byte[receivers.Length * MpcCommitmentOpening.Bytes];
        for (int i = 0; i < receivers.Length; i++)
        {
            MpcCommitmentOpening.Write(body.AsSpan(i * MpcCommitmentOpening.Bytes, MpcCommitmentOpening.Bytes), _dealt[receivers[i]],
                Slice(_blinds, receivers[i], EncryptedShare.BlindBytes));
        }

        return body;
    }

    /// <summary>Adds up the received shares, and commits to the sum before seeing the sums of the other parties.</summary>
    private byte[] Commit(MpcBoard board)
    {
        ulong sum = 0;
        for (int dealer = 0; dealer < _parties; dealer++)
        {
            sum = Field61.Add(sum, board.AnswerOf(dealer, _party) ?? _received[dealer]);
        }

        Span<byte> blind = stackalloc byte[EncryptedShare.BlindBytes];
        RandomNumberGenerator.Fill(blind);
        MpcCommitmentOpening.Write(_shown, sum, blind);
        return MpcHash.OfNumber(board.Start.Session, "total"u8, _party, _party, sum, blind);
    }

    public void Dispose()
    {
        Array.Clear(_dealt);
        Array.Clear(_received);
        CryptographicOperations.ZeroMemory(_blinds);
        CryptographicOperations.ZeroMemory(_keysFor);
        CryptographicOperations.ZeroMemory(_keysFrom);
        CryptographicOperations.ZeroMemory(_shown);
    }

    private static Span<byte> Slice(byte[] all, int index, int length) => all.AsSpan(index * length, length);
}

/// <summary>Opens a commitment: a number that is revealed to all parties, with the blinding value of its commitment.</summary>
internal static class MpcCommitmentOpening
{
    public const int Bytes = sizeof(ulong) + EncryptedShare.BlindBytes;

    public static void Write(Span<byte> destination, ulong number, ReadOnlySpan<byte> blind)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, number);
        blind.CopyTo(destination[sizeof(ulong)..]);
    }

    public static bool Fits(ReadOnlySpan<byte> session, ReadOnlySpan<byte> kind, int dealer, int receiver, ReadOnlySpan<byte> shown,
        ReadOnlySpan<byte> commitment)
    {
        if (shown.Length != Bytes)
        {
            return false;
        }

        ulong number = BinaryPrimitives.ReadUInt64LittleEndian(shown);
        return number < Field61.Modulus && MpcHash.OfNumber(session, kind, dealer, receiver, number, shown[sizeof(ulong)..]).AsSpan()
            .SequenceEqual(commitment);
    }
}
