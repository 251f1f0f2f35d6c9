using System.Text;
using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Map.Tests;
using Estream.Streams.TestProcess.Patterns;
using Estream.Testing;

namespace Estream.Streams.Tests.Privacy;

/// <summary>The card vault: the tokens it issues, the contents of its files, and the effects of a wrong key, damage and crashes.</summary>
public sealed class CardVaultTests : IDisposable
{
    private static readonly byte[] s_card = "4111111111111111"u8.ToArray();

    private readonly TempDirectory _directory = new();
    private readonly CardVaultKey _key;

    public CardVaultTests()
    {
        _key = CardVaultKey.Create(KeyFile);
    }

    private string KeyFile => _directory.Combine("vault.key");

    private string Folder => _directory.Combine("vault");

    public void Dispose()
    {
        _key.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Token_keeps_six_and_four_digits_is_not_a_card_and_is_stable()
    {
        string token;
        using (CardVault vault = CardVault.Open(Folder, _key))
        {
            token = TokenOf(vault, s_card);
            Assert.Equal(("411111", "1111", 16), (token[..6], token[^4..], token.Length));
            Assert.True(EsfCardNumber.IsTokenShaped(Encoding.ASCII.GetBytes(token)));
            Assert.Equal(token, TokenOf(vault, s_card));
            Assert.Equal(token, TokenOf(vault, Encoding.ASCII.GetBytes(token)));
            Assert.Equal(1, vault.Count);
        }

        using CardVaultKey again = CardVaultKey.Load(KeyFile);
        using CardVault reopened = CardVault.Open(Folder, again);
        Assert.Equal(token, TokenOf(reopened, s_card));
        byte[] card = Encoding.ASCII.GetBytes(token);
        Assert.True(reopened.TryDetokenize(card, card));
        Assert.Equal(s_card, card);
    }

    [Fact]
    public void Token_that_may_not_be_durable_is_not_returned()
    {
        RefusingStorage storage = new();
        using CardVault vault = CardVault.Open(Folder, _key, storage);
        using CardVault other = CardVault.Open(Folder, _key, storage);
        byte[] token = new byte[s_card.Length];
        storage.IsRefusing = true;
        Assert.Throws<EstreamStorageException>(() => vault.Tokenize(s_card, token));
        Assert.Equal(1, other.Count);
        Assert.Throws<EstreamStorageException>(() => vault.Tokenize(s_card, token));
        Assert.Throws<EstreamStorageException>(() => other.Tokenize(s_card, token));

        storage.IsRefusing = false;
        Assert.Equal(TokenOf(vault, s_card), TokenOf(other, s_card));
        storage.IsRefusing = true;
        Assert.Equal(EsfTokenOutcome.Ok, other.Tokenize(s_card, token));
        Assert.Equal(EsfTokenOutcome.NotACard, vault.Tokenize("4111110000000000"u8, token));
        storage.IsRefusing = false;
    }

    [Fact]
    public void Cards_of_every_length_have_distinct_tokens()
    {
        using CardVault vault = CardVault.Open(Folder, _key);
        HashSet<string> tokens = [];
        for (int length = EsfCardNumber.MinDigits; length <= EsfCardNumber.MaxDigits; length++)
        {
            for (int i = 0; i < 30; i++)
            {
                byte[] card = Enumerable.Range(0, 10)
                    .Select(digit => Encoding.ASCII.GetBytes("411111" + i.ToString("d2") + digit + new string('7', length - 9)))
                    .First(text => EsfCardNumber.IsCard(text));
                string token = TokenOf(vault, card);
                Assert.True(tokens.Add(token), "Two cards have one token.");
                byte[] back = new byte[length];
                Assert.True(vault.TryDetokenize(Encoding.ASCII.GetBytes(token), back));
                Assert.Equal(card, back);
            }
        }
    }

    [Fact]
    public void Tokenize_reports_when_no_token_is_left()
    {
        byte[][] numbers = [.. Enumerable.Range(0, 1000).Select(middle => Encoding.ASCII.GetBytes($"411111{middle:d3}1111"))];
        byte[][] cards = [.. numbers.Where(number => EsfCardNumber.IsCard(number))];
        byte[][] tokens = [.. numbers.Where(number => EsfCardNumber.IsTokenShaped(number))];
        Assert.Equal((100, 900), (cards.Length, tokens.Length));
        string token;
        using (CardVault vault = CardVault.Open(Folder, _key))
        {
            token = TokenOf(vault, cards[0]);
        }

        // Takes every token. There are nine tokens for each of these cards, so a vault reaches this state only if a test fills it directly.
        using (var map = StateMap.Open<VaultIndex, VaultEntry>(Folder, new MapOptions { Writers = MapWriters.Many }))
        {
            using var cipher = new VaultCipher(_key);
            foreach (byte[] taken in tokens)
            {
                VaultIndex index = cipher.OfToken(taken);
                if (!map.TryGet(index, out _))
                {
                    map.Put(index, cipher.Seal(index, s_card));
                }
            }
        }

        using CardVault full = CardVault.Open(Folder, _key);
        long count = full.Count;
        byte[] made = new byte[13];
        Assert.All(cards[1..11], card => Assert.Equal(EsfTokenOutcome.NoneLeft, full.Tokenize(card, made)));
        Assert.Equal(new byte[13], made);
        Assert.Equal(count, full.Count);
        Assert.Equal(token, TokenOf(full, cards[0]));
    }

    [Fact]
    public void Cards_with_the_same_shown_digits_have_distinct_tokens()
    {
        using CardVault vault = CardVault.Open(Folder, _key);
        int refused = 0;
        for (int middle = 0; middle < 1000; middle++)
        {
            byte[] card = Encoding.ASCII.GetBytes($"411111{middle:d3}1111");
            refused += EsfCardNumber.IsCard(card) && vault.Tokenize(card, new byte[13]) == EsfTokenOutcome.NoneLeft ? 1 : 0;
        }

        // A hundred cards share the shown digits, and nine hundred tokens have these digits, so there is a token for each card.
        Assert.Equal(0, refused);
        Assert.Equal(100, vault.Count);
    }

    [Theory]
    [InlineData("4111111111111112")]
    [InlineData("411111111111111")]
    [InlineData("4111 1111 1111 1111")]
    [InlineData("")]
    public void Text_that_is_neither_card_nor_token_is_rejected(string text)
    {
        using CardVault vault = CardVault.Open(Folder, _key);
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        Assert.Equal(EsfTokenOutcome.NotACard, vault.Tokenize(bytes, new byte[bytes.Length]));
        Assert.False(vault.TryDetokenize(bytes, new byte[bytes.Length]));
    }

    [Fact]
    public void Files_contain_neither_cards_nor_tokens()
    {
        List<byte[]> secrets = [];
        using (CardVault vault = CardVault.Open(Folder, _key))
        {
            for (int i = 0; i < 50; i++)
            {
                byte[] card = VaultProgram.CardOf(i);
                secrets.Add(card);
                secrets.Add(Encoding.ASCII.GetBytes(TokenOf(vault, card)));
            }
        }

        foreach (string file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
        {
            byte[] content = File.ReadAllBytes(file);
            Assert.All(secrets, secret => Assert.Equal(-1, content.AsSpan().IndexOf(secret)));
        }
    }

    [Fact]
    public void Vault_cannot_be_opened_with_another_key()
    {
        using (CardVault vault = CardVault.Open(Folder, _key))
        {
            TokenOf(vault, s_card);
        }

        using CardVaultKey other = CardVaultKey.Create(_directory.Combine("other.key"));
        EsfKeyException refused = Assert.Throws<EsfKeyException>(() => CardVault.Open(Folder, other));
        Assert.Contains("another key", refused.Message, StringComparison.Ordinal);
        using CardVault opened = CardVault.Open(Folder, _key);
        Assert.Equal(1, opened.Count);
    }

    [Fact]
    public void Changed_or_swapped_entries_are_reported_as_corruption()
    {
        byte[] other = "5555555555554444"u8.ToArray();
        string token;
        using (CardVault vault = CardVault.Open(Folder, _key))
        {
            token = TokenOf(vault, s_card);
            TokenOf(vault, other);
        }

        using (var map = StateMap.Open<VaultIndex, VaultEntry>(Folder, new MapOptions { Writers = MapWriters.Many }))
        {
            using var cipher = new VaultCipher(_key);
            Assert.True(map.TryGet(cipher.OfCard(s_card), out VaultEntry first));
            Assert.True(map.TryGet(cipher.OfCard(other), out VaultEntry second));
            map.Put(cipher.OfCard(s_card), second);
            map.Put(cipher.OfCard(other), first with { E = first.E ^ 1 });
        }

        using CardVault changed = CardVault.Open(Folder, _key);
        Assert.Throws<EstreamCorruptionException>(() => TokenOf(changed, s_card));
        Assert.Throws<EstreamCorruptionException>(() => TokenOf(changed, other));
        byte[] card = Encoding.ASCII.GetBytes(token);
        Assert.True(changed.TryDetokenize(card, card));
    }

    [Fact]
    public void Key_file_must_have_64_digits_and_be_private_to_its_owner()
    {
        string file = _directory.Combine("bad.key");
        File.WriteAllText(file, new string('0', 63));
        SetMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Contains("64 hexadecimal digits", Assert.Throws<EsfKeyException>(() => CardVaultKey.Load(file)).Message,
            StringComparison.Ordinal);
        SetMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<EsfKeyException>(() => CardVaultKey.Load(KeyFile)).Message, StringComparison.Ordinal);
        Assert.Contains("never overwritten", Assert.Throws<EstreamStorageException>(() => CardVaultKey.Create(KeyFile)).Message,
            StringComparison.Ordinal);
        Assert.Throws<EstreamStorageException>(() => CardVaultKey.Load(_directory.Combine("none.key")));
    }

    [Fact]
    public void Each_card_has_one_token_across_concurrent_processes_and_crashes()
    {
        string program = BuiltProgram.Find("tests/Estream.Streams.TestProcess", "Estream.Streams.TestProcess.dll");
        var random = new Random(3);
        Dictionary<string, string> known = [];
        for (int kill = 0; kill < LongRun.Count(4, 60); kill++)
        {
            using ChildProcess one = Start(program, 2 * kill);
            using ChildProcess two = Start(program, (2 * kill) + 1);
            one.WaitForText("running");
            two.WaitForText("running");
            Thread.Sleep(random.Next(150));
            if (kill == 0)
            {
                // The first process must issue a token before it is killed, even on a slow machine.
                one.WaitForText("token ");
            }

            one.Kill();
            Thread.Sleep(random.Next(30));
            two.Kill();
            Learn(known, one.WaitForExit().Output);
            Learn(known, two.WaitForExit().Output);
        }

        Assert.True(known.Count > 0, "No token was given out before the kills.");
        Assert.Equal(known.Count, known.Values.Distinct().Count());
        using CardVault vault = CardVault.Open(Folder, _key);
        foreach ((string card, string token) in known)
        {
            Assert.Equal(token, TokenOf(vault, Encoding.ASCII.GetBytes(card)));
            byte[] back = new byte[card.Length];
            Assert.True(vault.TryDetokenize(Encoding.ASCII.GetBytes(token), back));
            Assert.Equal(card, Encoding.ASCII.GetString(back));
        }
    }

    private ChildProcess Start(string program, int seed) =>
        ChildProcess.StartDotnet(program, ["vault", Folder, KeyFile, seed.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

    private static void Learn(Dictionary<string, string> known, string output)
    {
        foreach (string[] words in output.Split('\n')[..^1].Select(line => line.Split(' '))
            .Where(words => words is ["token", _, { Length: 16 }]))
        {
            Assert.True(!known.TryGetValue(words[1], out string? token) || token == words[2], "A card has two tokens.");
            known[words[1]] = words[2];
        }
    }

    [Fact]
    public void Cards_keep_their_tokens_when_copied_to_a_vault_with_another_key()
    {
        using CardVaultKey key = CardVaultKey.Create(_directory.Combine("new.key"));
        byte[][] cards = [.. Enumerable.Range(0, 300).Select(CardOf)];
        using CardVault old = CardVault.Open(Folder, _key);
        string[] tokens = [.. cards.Select(card => TokenOf(old, card))];
        string folder = _directory.Combine("new");
        using (CardVault made = CardVault.Open(folder, key))
        {
            Assert.Equal(300, old.CopyTo(made));
            Assert.Equal(0, old.CopyTo(made));
            byte[] late = CardOf(300);
            string token = TokenOf(old, late);
            Assert.Equal(1, old.CopyTo(made));
            Assert.Equal(token, TokenOf(made, late));
            Assert.Throws<ArgumentException>(() => made.CopyTo(made));
        }

        Assert.Throws<EsfKeyException>(() => CardVault.Open(folder, _key));
        using CardVault again = CardVault.Open(folder, key);
        Assert.Equal(tokens, cards.Select(card => TokenOf(again, card)));
        byte[] back = new byte[16];
        Assert.All(cards.Zip(tokens), pair =>
        {
            Assert.True(again.TryDetokenize(Encoding.ASCII.GetBytes(pair.Second), back));
            Assert.Equal(pair.First, back);
        });
        Assert.Equal(301, again.Count);
    }

    [Fact]
    public void CopyTo_throws_when_the_other_vault_has_issued_its_own_tokens()
    {
        using CardVaultKey key = CardVaultKey.Create(_directory.Combine("new.key"));
        using CardVault old = CardVault.Open(Folder, _key);
        using CardVault other = CardVault.Open(_directory.Combine("other"), key);
        string mine = TokenOf(old, s_card);
        string theirs = TokenOf(other, s_card);
        Assert.NotEqual(mine, theirs);
        InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => old.CopyTo(other));
        Assert.DoesNotContain("4111111111111111", refused.Message, StringComparison.Ordinal);
        Assert.Equal(theirs, TokenOf(other, s_card));
    }

    // Returns a card of one of two banks, with a correct check digit.
    private static byte[] CardOf(int number)
    {
        int[] digits = [.. $"{(number % 2 == 0 ? 411_111 : 555_555)}{number:000000000}".Select(digit => digit - '0')];
        int sum = digits.Select((digit, at) => at % 2 == 0 ? (digit * 2 / 10) + (digit * 2 % 10) : digit).Sum();
        return [.. digits.Append((10 - (sum % 10)) % 10).Select(digit => (byte)('0' + digit))];
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static string TokenOf(CardVault vault, byte[] card)
    {
        byte[] token = new byte[card.Length];
        Assert.Equal(EsfTokenOutcome.Ok, vault.Tokenize(card, token));
        return Encoding.ASCII.GetString(token);
    }

    /// <summary>A storage that fails flushes on demand.</summary>
    private sealed class RefusingStorage : PassThroughStorage
    {
        public bool IsRefusing { get; set; }

        public override MemoryRegion CreateRegion(string path, long length) => new Region(this, path, base.CreateRegion(path, length));

        public override MemoryRegion OpenRegion(string path, RegionAccess access) => new Region(this, path, base.OpenRegion(path, access));

        private sealed class Region(RefusingStorage storage, string path, MemoryRegion inner) : DelegatingRegion(inner)
        {
            public override void Flush(long offset, long length)
            {
                if (storage.IsRefusing)
                {
                    throw new EstreamStorageException("The device took nothing.", path, StorageFailure.Device);
                }

                base.Flush(offset, length);
            }
        }
    }
}
