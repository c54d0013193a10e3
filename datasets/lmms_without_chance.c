/* Loaded before LMMS, makes it play the same each time.
 *
 * LMMS sows its chance from the clock and its process number, so does its ZynAddSubFX, and the threads that play its
 * instruments draw from one row in an order that nobody knows. Here each thread has a row of its own, which always starts
 * alike, and one thread plays all instruments.
 */

static __thread unsigned drawn = 2463534242u;

void srand(unsigned seed)
{
    (void)seed;
}

/* Marsaglia's xorshift of 32 bits (Journal of Statistical Software 8, 2003), of which RAND_MAX leaves 31. */
int rand(void)
{
    drawn ^= drawn << 13;
    drawn ^= drawn >> 17;
    drawn ^= drawn << 5;
    return (int)(drawn >> 1);
}

/* QThread::idealThreadCount(), as the compiler writes it. */
int _ZN7QThread16idealThreadCountEv(void)
{
    return 1;
}
