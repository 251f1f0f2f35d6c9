using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Crypto;

namespace Estream.Streams.Mpc;

/// <summary>What a party keeps to itself: its shares, those it got, and the keys it has with each other party. Overwritten when
/// disposed.</summary>
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

    /// <param name="parties">How many there are.</param>
    /// <param name="party">Which one this is.</param>
    /// <param name="number">Its number.</param>
    /// <param name="draw">Where its shares come from; numbers that are random, where nothing is said.</param>
    public MpcSecrets(int parties, int party, ulong number, Func<ulong>? draw = null)
    {
        (_parties, _party) = (parties, party);
        _dealt = GC.AllocateArray<ulong>(parties, pinned: true);
        _received = GC.AllocateArray<ulong>(parties, pinned: true);
        _blinds = GC.AllocateArray<byte>(parties * EncryptedShare.BlindBytes, pinned: true);
        _keysFor = GC.AllocateArray<byte>(parties * EncryptedShare.KeyBytes, pinned: true);
        _keysFrom = GC.AllocateArray<byte>(parties * EncryptedShare.KeyBytes, pinned: true);
        RandomNumberGenerator.Fill(_blinds);

        // All but the last are random, each as likely as any other; the last one makes them add up.
        ulong rest = number;
        for (int receiver = 0; receiver < parties - 1; receiver++)
        {
            _dealt[receiver] = draw is null ? Field61.Random() : draw();
            rest = Field61.Subtract(rest, _dealt[receiver]);
        }

        _dealt[parties - 1] = rest;
    }

    /// <summary>The key by which a party authenticates its posts to this one.</summary>
    public ReadOnlySpan<byte> KeyFor(int party) => Slice(_keysFor, party, EncryptedShare.KeyBytes);

    /// <summary>The key by which this party authenticates its posts to another one.</summary>
    public ReadOnlySpan<byte> KeyFrom(int party) => Slice(_keysFrom, party, EncryptedShare.KeyBytes);

    /// <summary>What an honest party posts in the present round.</summary>
    public byte[] CreatePost(MpcBoard board, MlKem1024PrivateKey key) => board.Round switch
    {
        MpcRound.Share => Deal(board),
        MpcRound.Check => Open(board, key),
        MpcRound.Answer => Answer(board),
        MpcRound.Commit => Commit(board),
        _ => [.. _shown],
    };

    /// <summary>Commitments to all shares, and the boxes they go in.</summary>
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

    /// <summary>Opens what others dealt, and says of whom it is not what they committed to.</summary>
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

    /// <summary>Shows the shares of those who complained. One of the two is not honest, so nobody honest is given away.</summary>
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

    /// <summary>Adds up what it got, and commits to that before it sees what others have.</summary>
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

/// <summary>A number that is shown to all, with what its commitment was blinded by.</summary>
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
