using System.Security.Cryptography;
using Estream.Core;
using Estream.Esf;
using Estream.Map;

namespace Estream.Streams;

/// <summary>
/// Card tokens in a map that any number of processes can use concurrently. A token has the first six and the last four digits of its card;
/// the digits in between are random, chosen so that the check digit is wrong. The files contain neither cards nor tokens in plaintext:
/// entries are found by HMAC-SHA-256 and encrypted with AES-256-GCM.
/// </summary>
/// <remarks>
/// Thread-safe. A crash at any moment leaves each token complete or absent. A token is durable before it is returned, because messages that
/// contain it may survive a power failure. Finding the token of a known card costs a few microseconds; creating a token, and a process's
/// first look-up of a token that another process created, cost a flush.
/// </remarks>
public sealed class CardVault : IEsfTokenVault, IDisposable
{
    private const int MaxTries = 512;

    // The number of entries remembered as durable; a power of two.
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

    /// <summary>The number of cards that have a token.</summary>
    public long Count => Math.Max(0, _map.Count - 1) / 2;

    /// <summary>Opens a vault, or creates it.</summary>
    /// <param name="directory">The directory of the vault, used for nothing else.</param>
    /// <param name="key">The key of the vault, which is copied. If the key is lost, all cards are lost.</param>
    /// <param name="storage">The storage of the vault; the file system by default.</param>
    /// <exception cref="EsfKeyException">The vault was created with another key.</exception>
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
            $"The vault '{directory}' was created with another key. Use that key; with a new key the cards in it are lost.", directory);
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
    /// Copies all cards to a vault with another key, with their existing tokens, so that messages can keep them. The old key can then be
    /// destroyed with the old vault.
    /// </summary>
    /// <param name="other">The destination. It may already contain some of the cards, from an earlier or interrupted call.</param>
    /// <returns>The number of cards copied that the destination did not have.</returns>
    /// <remarks>
    /// Both vaults can be used meanwhile. A card that gets its first token in this vault during the call may not be copied: switch all
    /// users to the other vault, then call this method once more. The time is proportional to the number of cards, some microseconds each;
    /// all copies are durable when the method returns.
    /// </remarks>
    /// <exception cref="ArgumentException">Both vaults are the same.</exception>
    /// <exception cref="InvalidOperationException">The other vault has issued its own tokens: there, a card has another token, or a token
    /// belongs to another card.</exception>
    /// <exception cref="EstreamException">One of the vaults is damaged, or cannot be written.</exception>
    public long CopyTo(CardVault other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ReferenceEquals(this, other))
        {
            throw new ArgumentException("A vault cannot be copied to itself.", nameof(other));
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

    /// <summary>Closes the vault and overwrites its keys. Idempotent.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _batch.Dispose();
            _map.Dispose();
            _cipher.Dispose();
        }
    }

    /// <summary>Verifies the key with the first entry of the vault, which only the holder of the key can read or create.</summary>
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

            // Another process created the entry first.
            _batch.Clear();
            _map.TryGet(index, out entry);
        }

        Span<byte> proof = stackalloc byte[EsfCardNumber.MaxDigits];
        return _cipher.TryOpen(index, entry, proof, out _);
    }

    // Each card has two entries; the entry indexed by token yields both card and token.
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
                // The other entry of the pair, indexed by card.
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
                    $"Cards cannot be copied to the vault '{_map.Directory}': it has issued its own tokens, so a card of this "
                    + "vault has another token there, or a token belongs to another card. Copy the cards to a new vault before "
                    + "it issues tokens.");
        }
    }

    // The entry may be from another process that has not flushed it yet, or from this process after a failed flush. If a power failure lost
    // the entry, a message with its token could survive, but the card would be unknown.
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

            // The token belongs to another card, or another process has created a token for this card.
            if (TryFind(index, token, card.Length))
            {
                return true;
            }
        }

        return false;
    }

    // Puts both entries, or none if one of them exists.
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
        new("An entry of the card vault does not authenticate: its files were changed. Restore them from a copy.",
            _map.Directory ?? "", 0);
}
