using Estream.Stress;

// Runs the stress test of the signal without its barrier and of the stripe lock without its atomic instruction. Reports the number of
// rounds until each one broke.
(string What, Func<long, long> Stress)? chosen = args is [var name, _]
    ? name switch
    {
        "signal" => ("lost", SignalStress.RoundsUntilALostWakeUp),
        "stripe" => ("both", StripeLockStress.RoundsUntilBothHaveIt),
        _ => null,
    }
    : null;
if (chosen is not var (what, stress))
{
    Console.Error.WriteLine("usage: signal|stripe ROUNDS");
    return 2;
}

long rounds = stress(long.Parse(args[1]));
Console.WriteLine(rounds < 0 ? "none" : $"{what} after {rounds} rounds");
return 0;
