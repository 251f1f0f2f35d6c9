using System.Security.Cryptography;
using Estream.Core;
using Estream.Esf;
using Estream.Map;

namespace Estream.Streams;

/// <summary>
/// The tokens of cards, in a map that any number of processes use at the same time. A token has the first six and the last four digits of
/// its card; the digits between them are random, and such that the check digit is wrong.
/// In the files stand neither cards nor tokens: what is found by them is found by their HMAC-SHA-256, and stands under AES-256-GCM.
/// </summary>
/// <remarks>
/// Thread-safe. Who is killed at any moment leaves a token whole or not at all. A token is on the device before it is returned, because
/// messages that have it may outlive a power cut. Finding the token of a known card costs a few microseconds; making one, and the first
/// look of a process at another's, what the device takes.
/// </remarks>
public sealed class CardVault : IEsfTokenVault, IDisposable
{
    private const int MaxTries = 512;

    // So many entries of which it is known that they are on the device; a power of two.
    private const int MaxKnownDurable = 1 << 14;

    private readonly Lock _gate = new();
    private readonly StateMap<VaultIndex, VaultEntry> _map;
    private readonly MapBatch<VaultIndex, VaultEntry> _batch;
    private readonly VaultCipher _cipher;
    private readonly VaultIndex[] _durable = new VaultIndex[MaxKnownDurable];

    private CardVault(StateMap<VaultIndex, VaultEntry> map, VaultCipher cipher)
    {
        _map = map;
        _batch = map.CreateBatch();
        _cipher = cipher;
    }

    /// <summary>How many cards have a token.</summary>
    public long Count => Math.Max(0, _map.Count - 1) / 2;

    /// <summary>Opens a vault, or makes it.</summary>
    /// <param name="directory">Its directory, and nothing else's.</param>
    /// <param name="key">Its key, which it copies. One that is lost takes all cards with it.</param>
    /// <param name="storage">Where it is kept; the file system by default.</param>
    /// <exception cref="EsfKeyException">The vault was made with another key.</exception>
    /// <exception cref="EstreamException">The directory cannot be used, or is damaged.</exception>
    public static CardVault Open(string directory, CardVaultKey key, IStorage? storage = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(key);
        MapOptions options = new() { Writers = MapWriters.Many, Storage = storage ?? FileStorage.Instance };
        StateMap<VaultIndex, VaultEntry> map = StateMap.Open<VaultIndex, VaultEntry>(directory, options);
        VaultCipher cipher = new(key);
        CardVault vault = new(map, cipher);
        if (vault.TryProve())
        {
            return vault;
        }

        vault.Dispose();
        throw new EsfKeyException(
            $"The vault '{directory}' was made with another key. Give that one; with a new key the cards in it are lost.", directory);
    }

    /// <inheritdoc/>
    public EsfTokenOutcome Tokenize(ReadOnlySpan<byte> card, Span<byte> token)
    {
        if (EsfCardNumber.IsTokenShaped(card))
        {
            lock (_gate)
            {
                VaultIndex index = _cipher.OfToken(card);
                if (!_map.TryGet(index, out _))
                {
                    return EsfTokenOutcome.NotACard;
                }

                RequireDurable(index);
            }

            card.CopyTo(token);
            return EsfTokenOutcome.Ok;
        }

        if (!EsfCardNumber.IsCard(card))
        {
            return EsfTokenOutcome.NotACard;
        }

        lock (_gate)
        {
            VaultIndex index = _cipher.OfCard(card);
            if (!TryFind(index, token, card.Length) && !TryMake(card, index, token))
            {
                return EsfTokenOutcome.NoneLeft;
            }

            RequireDurable(index);
            return EsfTokenOutcome.Ok;
        }
    }

    /// <inheritdoc/>
    public bool TryDetokenize(ReadOnlySpan<byte> token, Span<byte> card)
    {
        if (!EsfCardNumber.IsTokenShaped(token))
        {
            return false;
        }

        lock (_gate)
        {
            return TryFind(_cipher.OfToken(token), card, token.Length);
        }
    }

    /// <summary>
    /// Takes all cards over to a vault with another key, with the tokens they have: messages keep them, and the old key can be destroyed
    /// with the old vault.
    /// </summary>
    /// <param name="other">The vault that takes them. It may have some already, from an earlier call or one that was killed.</param>
    /// <returns>How many cards it did not have.</returns>
    /// <remarks>
    /// Both stay in use meanwhile. A card that gets its first token here while this runs may be left behind: let everybody use the other
    /// vault, then call it once more. Time in proportion to the cards, some microseconds each; what was taken over is on the device when it
    /// returns.
    /// </remarks>
    /// <exception cref="ArgumentException">It is the same vault.</exception>
    /// <exception cref="InvalidOperationException">The other vault has given out tokens of its own, and a card has another token there, or
    /// a token another card.</exception>
    /// <exception cref="EstreamException">One of the two is damaged, or cannot be written.</exception>
    public long CopyTo(CardVault other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(this, other))
        {
            throw new ArgumentException("A vault is not copied to itself.", nameof(other));
        }

        long taken = 0;
        Span<byte> card = stackalloc byte[EsfCardNumber.MaxDigits];
        Span<byte> token = stackalloc byte[EsfCardNumber.MaxDigits];
        try
        {
            foreach ((VaultIndex index, VaultEntry entry) in _map)
            {
                if (TryOpenPair(index, entry, card, token, out int length) && other.Take(card[..length], token[..length]))
                {
                    taken++;
                }
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(card);
        }

        other._map.Flush();
        return taken;
    }

    /// <summary>Closes it and overwrites its keys. Idempotent.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _batch.Dispose();
            _map.Dispose();
            _cipher.Dispose();
        }
    }

    /// <summary>An entry that only who has the key can read, or make: the first thing in a vault.</summary>
    private bool TryProve()
    {
        VaultIndex index = VaultIndex.Proof;
        if (!_map.TryGet(index, out VaultEntry entry))
        {
            _batch.Clear();
            _batch.RequireAbsent(index);
            _batch.Put(index, _cipher.Seal(index, "0000000000000"u8));
            if (_batch.Commit())
            {
                _map.Flush();
                return true;
            }

            // Another process was first.
            _batch.Clear();
            _map.TryGet(index, out entry);
        }

        Span<byte> proof = stackalloc byte[EsfCardNumber.MaxDigits];
        return _cipher.TryOpen(index, entry, proof, out _);
    }

    // Each card is in two entries; the one that is found by the token says both.
    private bool TryOpenPair(in VaultIndex index, in VaultEntry entry, Span<byte> card, Span<byte> token, out int length)
    {
        length = 0;
        if (index == VaultIndex.Proof)
        {
            return false;
        }

        lock (_gate)
        {
            length = Open(index, entry, card);
            ReadOnlySpan<byte> digits = card[..length];
            if (EsfCardNumber.IsTokenShaped(digits))
            {
                // The other entry of the pair.
                return false;
            }

            if (!TryFind(_cipher.OfCard(digits), token, length))
            {
                throw Damaged();
            }

            return true;
        }
    }

    private bool Take(ReadOnlySpan<byte> card, ReadOnlySpan<byte> token)
    {
        lock (_gate)
        {
            VaultIndex index = _cipher.OfCard(card);
            if (TryPut(card, index, token))
            {
                return true;
            }

            Span<byte> known = stackalloc byte[EsfCardNumber.MaxDigits];
            return TryFind(index, known, card.Length) && known[..card.Length].SequenceEqual(token)
                ? false
                : throw new InvalidOperationException(
                    $"Cards cannot be taken over to the vault '{_map.Directory}': it has given out tokens of its own, another one for a "
                    + "card of this vault or the same one for another card. Take them over to a new vault, and let nobody use it "
                    + "before.");
        }
    }

    // What is found may be another process's, on its way to the device, or this one's after a flush that failed. The message would outlive
    // it in a power cut, and nobody would know the card.
    private void RequireDurable(in VaultIndex index)
    {
        ref VaultIndex known = ref _durable[index.A & (MaxKnownDurable - 1)];
        if (known != index)
        {
            _map.Flush();
            known = index;
        }
    }

    private bool TryFind(in VaultIndex index, Span<byte> digits, int length)
    {
        if (!_map.TryGet(index, out VaultEntry entry))
        {
            return false;
        }

        return Open(index, entry, digits) == length ? true : throw Damaged();
    }

    private int Open(in VaultIndex index, in VaultEntry entry, Span<byte> digits)
    {
        Span<byte> found = stackalloc byte[EsfCardNumber.MaxDigits];
        bool isOpen = _cipher.TryOpen(index, entry, found, out int count) && found[..count].TryCopyTo(digits);
        CryptographicOperations.ZeroMemory(found);
        return isOpen ? count : throw Damaged();
    }

    private bool TryMake(ReadOnlySpan<byte> card, in VaultIndex index, Span<byte> token)
    {
        Span<byte> made = stackalloc byte[EsfCardNumber.MaxDigits];
        made = made[..card.Length];
        for (int i = 0; i < MaxTries; i++)
        {
            TokenDigits.Make(card, made);
            if (TryPut(card, index, made))
            {
                made.CopyTo(token);
                return true;
            }

            // The token is another card's, or another process has made one for this card.
            if (TryFind(index, token, card.Length))
            {
                return true;
            }
        }

        return false;
    }

    // Both entries or, where one is there, none.
    private bool TryPut(ReadOnlySpan<byte> card, in VaultIndex index, ReadOnlySpan<byte> token)
    {
        VaultIndex back = _cipher.OfToken(token);
        _batch.Clear();
        _batch.RequireAbsent(index);
        _batch.RequireAbsent(back);
        _batch.Put(index, _cipher.Seal(index, token));
        _batch.Put(back, _cipher.Seal(back, card));
        if (_batch.Commit())
        {
            return true;
        }

        _batch.Clear();
        return false;
    }

    private EstreamCorruptionException Damaged() =>
        new("An entry of the vault of tokens does not authenticate: its files were changed. Restore them from a copy.",
            _map.Directory ?? "", 0);
}
