using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Trust.Log;

/// <summary>Where the files of a log lie below its prefix: C2SP tlog-tiles. Forward slashes, ASCII; the same in a directory and behind a
/// web server.</summary>
public static class LogPaths
{
    /// <summary>Hashes of a full tile, and entries of a full bundle.</summary>
    public const int TileWidth = 256;

    /// <summary>Levels of the tree that a tile spans.</summary>
    public const int TileHeight = 8;

    /// <summary>The signed checkpoint: the one file that changes.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Path of a tile of hashes.</summary>
    /// <param name="level">Its level, 0 for hashes of leaves; at most 7.</param>
    /// <param name="index">Which tile of the level.</param>
    /// <param name="width">Its hashes, from 1 to <see cref="TileWidth"/>; fewer than that is a partial tile.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static string Tile(int level, long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, 63 / TileHeight);
        return Numbered(string.Create(CultureInfo.InvariantCulture, $"tile/{level}/"), index, width);
    }

    /// <summary>Path of a bundle of entries.</summary>
    /// <param name="index">Which bundle.</param>
    /// <param name="width">Its entries, from 1 to <see cref="TileWidth"/>; fewer than that is a partial bundle.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static string Entries(long index, int width) => Numbered("tile/entries/", index, width);

    /// <summary>Behind the name of a full tile: the directory of its partial ones.</summary>
    internal const string PartialSuffix = ".p";

    private static string Numbered(string start, long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, TileWidth);

        // Groups of three digits, all but the last behind an x, so that no name is both a file and a directory.
        string digits = index.ToString(CultureInfo.InvariantCulture);
        digits = digits.PadLeft((digits.Length + 2) / 3 * 3, '0');
        StringBuilder path = new(start);
        for (int at = 0; at < digits.Length; at += 3)
        {
            path.Append(at + 3 < digits.Length ? "x" : "").Append(digits, at, 3).Append(at + 3 < digits.Length ? "/" : "");
        }

        return width == TileWidth ? path.ToString() : path.Append(CultureInfo.InvariantCulture, $"{PartialSuffix}/{width}").ToString();
    }
}
