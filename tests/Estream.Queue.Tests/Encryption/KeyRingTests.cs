using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>Master keys and their file, which only its owner may read. Its content is never printed.</summary>
public sealed class KeyRingTests : QueueCase
{
    private static readonly string s_digits = new('7', 64);

    private string KeyFile => Beside("keys");

    [Fact]
    public void A_key_file_provides_its_keys_and_the_first_is_current()
    {
        TestKeys.Write(KeyFile, "new", "old", "older");
        File.AppendAllText(KeyFile, $"# a remark\n\n  tabbed\t{s_digits.ToUpperInvariant()}  \r\n");
        using QueueKeyRing ring = QueueKeyRing.FromFile(KeyFile);
        Assert.Equal("new", ring.CurrentId);
        Assert.Equal(["new", "old", "older", "tabbed"], ring.Ids);
        Assert.Equal("key ring of new, old, older, tabbed", ring.ToString());
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_key_file_that_other_users_may_use_is_refused(UnixFileMode others)
    {
        TestKeys.Write(KeyFile, "first");
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead | others);
        EstreamKeyException refused = AssertNames<EstreamKeyException>(KeyFile, null, () => QueueKeyRing.FromFile(KeyFile));
        Assert.Contains("chmod 600", refused.Message, StringComparison.Ordinal);
        File.SetUnixFileMode(KeyFile, UnixFileMode.UserRead);
        QueueKeyRing.FromFile(KeyFile).Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a remark\n")]
    [InlineData("first\n")]
    [InlineData("first 77\n")]
    [InlineData("a-name-that-is-longer-than-thirty-two-characters DIGITS\n")]
    [InlineData("with/slash DIGITS\n")]
    [InlineData("first DIGITS7\n")]
    [InlineData("DIGITS\n")]
    [InlineData("first DIGIT\u00e9S\n")]
    [InlineData("first DIGITS\nfirst DIGITS\n")]
    public void A_malformed_key_file_is_refused_and_its_content_is_not_printed(string text)
    {
        TestKeys.Write(KeyFile, "first");
        File.WriteAllText(KeyFile, text.Replace("DIGITS", s_digits, StringComparison.Ordinal));
        EstreamKeyException refused = AssertNames<EstreamKeyException>(KeyFile, null, () => QueueKeyRing.FromFile(KeyFile));
        Assert.DoesNotContain("7777", refused.ToString().Replace(KeyFile, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_or_too_long_key_file_is_refused()
    {
        Assert.Equal(StorageFailure.NotFound,
            AssertNames<EstreamStorageException>(KeyFile, null, () => QueueKeyRing.FromFile(KeyFile)).Reason);
        TestKeys.Write(KeyFile, "first");
        File.AppendAllText(KeyFile, new string('\n', 161 << 10));
        AssertNames<EstreamKeyException>(KeyFile, null, () => QueueKeyRing.FromFile(KeyFile));
    }

    [Fact]
    public void Malformed_keys_are_refused()
    {
        Assert.Throws<ArgumentException>("key", () => new QueueKeyRing("first", new byte[31]));
        Assert.Throws<ArgumentException>("id", () => new QueueKeyRing("", new byte[32]));
        using var ring = new QueueKeyRing("first", new byte[32]);
        Assert.Throws<ArgumentException>("id", () => ring.Add("first", new byte[32]));
        for (int i = 1; i < QueueKeyRing.MaxKeys; i++)
        {
            ring.Add($"key-{i}", new byte[32]);
        }

        Assert.Throws<InvalidOperationException>(() => ring.Add("one-more", new byte[32]));
    }

    [Fact]
    public void A_disposed_key_ring_opens_nothing_and_open_queues_continue()
    {
        QueueOptions options = Encrypted;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, options);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append("x"u8);
        options.Keys!.Dispose();
        appender.Append("y"u8);
        Assert.Equal(["x", "y"], Texts(queue));
        Assert.Empty(options.Keys.Ids);
        using EstreamQueue late = EstreamQueue.Open(QueueDirectory, options);
        using QueueTailer tailer = late.CreateTailer();
        Assert.Throws<ObjectDisposedException>(() => tailer.TryRead(out _));
    }
}
