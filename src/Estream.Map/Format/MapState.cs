namespace Estream.Map.Internal;

/// <summary>
/// The word of map.meta every get compares: twice the number of the current table, plus one while its entries are being moved into the
/// table with the next number. (In version 1 the number alone: growing copied everything at once.)
/// </summary>
internal static class MapState
{
    public static long Of(long generation, int version) => version == MapFormat.OldestVersion ? generation : generation * 2;

    public static long Moving(long generation) => (generation * 2) + 1;

    public static long GenerationOf(long state, int version) => version == MapFormat.OldestVersion ? state : state >> 1;

    public static bool IsMoving(long state, int version) => version != MapFormat.OldestVersion && (state & 1) != 0;
}
