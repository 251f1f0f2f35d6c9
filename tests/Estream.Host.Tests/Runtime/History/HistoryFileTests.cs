using Estream.Host.Runtime;
using Estream.Testing;
using Microsoft.Win32.SafeHandles;

namespace Estream.Host.Tests.Runtime.History;

/// <summary>Goal: files of an earlier build stay readable, and damaged files never give wrong values.</summary>
public sealed class HistoryFileTests : IDisposable
{
    // A multiple of both rings, so that the file is short.
    private const long Minute = 20_160 * 1_450;

    private static readonly SeriesInfo s_info =
        new("queue/orders/rate", "Messages appended", SeriesInfo.PerSecond, "queue", "orders", "queue:orders");

    private const string NotANumber = "0000C0FF";

    private readonly TempDirectory _directory = new();

    /// <summary>The example of docs/formats/history.md. Bytes that are not listed are zero.</summary>
    private static readonly (int Offset, string Hex)[] s_golden =
    [
        (0, "45535452484953540100000043183D5D3C0000004000000060270000000000004100"),
        (34, "71756575652F6F72646572732F726174650A4D6573736167657320617070656E6465640A312F730A71756575650A6F726465"
            + "72730A71756575653A6F7264657273"),
        (512, "800BBE0103BBB5270000803F00000040"),
        (16896, "800BBE017324C6620000803F0000C03F0000004002000000"),
        (16920, "810BBE01E2FA29510000804000008040000080403C000000"),
    ];

    [Fact]
    public void The_example_of_the_format_page_is_written_byte_for_byte()
    {
        byte[] bytes = WriteExample();

        Assert.Equal(Convert.ToHexString(Golden(bytes.Length)), Convert.ToHexString(bytes));
        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "history.md"));
        Assert.All(s_golden, part => Assert.Contains($"| {part.Offset} | `{part.Hex}` |", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_example_of_the_format_page_is_read()
    {
        File.WriteAllBytes(_directory.Combine("example"), Golden(HistoryFile.MaxBytes));
        using SafeFileHandle file = File.OpenHandle(_directory.Combine("example"));

        Assert.True(HistoryFile.TryReadHeader(file, out SeriesInfo? info));
        Assert.Equal(s_info, info);
        SeriesPoint[] points = new SeriesPoint[3];
        HistoryFile.ReadMinutes(file, Minute, points);
        Assert.Equal([new SeriesPoint(1, 1.5f, 2, 2), new SeriesPoint(4, 4, 4, 60), default], points);
        float[] seconds = new float[HistoryFile.BlockSeconds];
        Assert.True(HistoryFile.TryReadSeconds(file, Minute, seconds));
        Assert.Equal([1f, 2f, float.NaN], seconds[..3]);
        Assert.True(HistoryFile.TryReadSeconds(file, Minute + 1, seconds));
        Assert.All(seconds, second => Assert.Equal(4, second));
        Assert.False(HistoryFile.TryReadSeconds(file, Minute + 2, seconds));
    }

    [Fact]
    public void No_damaged_byte_changes_a_value()
    {
        byte[] whole = WriteExample();
        string path = _directory.Combine("damaged");
        SeriesPoint[] right = [new SeriesPoint(1, 1.5f, 2, 2), new SeriesPoint(4, 4, 4, 60)];
        int[] used = [.. Enumerable.Range(0, whole.Length).Where(i => whole[i] != 0)];
        foreach (int offset in used)
        {
            byte[] damaged = [.. whole];
            damaged[offset] ^= 0x10;
            File.WriteAllBytes(path, damaged);
            using SafeFileHandle file = File.OpenHandle(path);
            Assert.True(!HistoryFile.TryReadHeader(file, out SeriesInfo? info) || info == s_info);
            SeriesPoint[] points = new SeriesPoint[2];
            HistoryFile.ReadMinutes(file, Minute, points);
            Assert.All(points.Zip(right), pair => Assert.True(pair.First == pair.Second || pair.First == default, $"byte {offset}"));
            float[] seconds = new float[HistoryFile.BlockSeconds];
            Assert.True(!HistoryFile.TryReadSeconds(file, Minute, seconds) || (seconds[0], seconds[1]) == (1f, 2f), $"byte {offset}");
        }
    }

    [Theory]
    [InlineData("queue/orders/rate", "queue~orders~rate.history")]
    [InlineData("queue/orders/lag/map-ü ~", "queue~orders~lag~map-%C3%BC%20%7E.history")]
    [InlineData("..", "...history")]
    public void The_name_of_a_file_is_that_of_its_series(string series, string file) => Assert.Equal(file, HistoryFolder.NameOf(series));

    [Fact]
    public void A_series_with_a_very_long_name_has_no_file()
    {
        Assert.Null(HistoryFolder.NameOf(new string('a', 233)));
        Assert.Null(HistoryFile.HeaderOf(s_info with { Title = new string('a', 500) }));
    }

    public void Dispose() => _directory.Dispose();

    private static byte[] Golden(int length)
    {
        byte[] bytes = new byte[length];
        foreach ((int offset, string hex) in s_golden)
        {
            Convert.FromHexString(hex).CopyTo(bytes, offset);
        }

        for (int second = 2; second < HistoryFile.BlockSeconds; second++)
        {
            Convert.FromHexString(NotANumber).CopyTo(bytes, HistoryFile.HeaderBytes + 8 + (second * sizeof(float)));
        }

        return bytes;
    }

    // Two values in the first minute, and 60 equal values in the second.
    private byte[] WriteExample()
    {
        string path = _directory.Combine("written");
        File.WriteAllBytes(path, HistoryFile.HeaderOf(s_info)!);
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
        {
            float[] seconds = [1, 2, .. Enumerable.Repeat(float.NaN, HistoryFile.BlockSeconds - 2)];
            HistoryFile.Write(file, Minute, seconds);
            Array.Fill(seconds, 4);
            HistoryFile.Write(file, Minute + 1, seconds);
        }

        return File.ReadAllBytes(path);
    }
}
