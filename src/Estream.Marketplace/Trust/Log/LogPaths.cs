using System.Globalization;
using System.Text;

namespace Estream.Marketplace.Trust.Log;

/// <summary>The paths of a log's files below its prefix, as defined by C2SP tlog-tiles. Paths use forward slashes and ASCII, and are the
/// same in a directory and on a web server.</summary>
public static class LogPaths
{
    /// <summary>The number of hashes in a full tile and of entries in a full bundle.</summary>
    public const int TileWidth = 256;

    /// <summary>The number of tree levels that a tile spans.</summary>
    public const int TileHeight = 8;

    /// <summary>The path of the signed checkpoint, the only file that changes.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Returns the path of a tile of hashes.</summary>
    /// <param name="level">The level of the tile, 0 for leaf hashes; at most 7.</param>
    /// <param name="index">The index of the tile in its level.</param>
    /// <param name="width">The number of hashes, from 1 to <see cref="TileWidth"/>; a tile with fewer is partial.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static string Tile(int level, long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, 63 / TileHeight);
        return Numbered(string.Create(CultureInfo.InvariantCulture, $"tile/{level}/"), index, width);
    }

    /// <summary>Returns the path of a bundle of entries.</summary>
    /// <param name="index">The index of the bundle.</param>
    /// <param name="width">The number of entries, from 1 to <see cref="TileWidth"/>; a bundle with fewer is partial.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static string Entries(long index, int width) => Numbered("tile/entries/", index, width);

    /// <summary>The suffix that turns the path of a full tile into the directory of its partial tiles.</summary>
    internal const string PartialSuffix = ".p";

    private static string Numbered(string start, long index, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, TileWidth);

        // Writes groups of three digits, with an x before all but the last, so that no name is both a file and a directory.
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
